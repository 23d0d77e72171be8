// SPDX-License-Identifier: Apache-2.0
// What tells listeners apart in labels, and stays the same when a service is restarted: the one form that
// metrics, alerts and their deduplication share, so that what is one endpoint to one of them is one to all.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "lib/model/listener.h"

namespace sockwatch {

// Foreign text as it is.
struct EndpointLabels {
  std::string name_space;
  std::string protocol;
  std::string address;  // of one address on two interfaces it is the same; "assigned" for a name that the
                        // kernel chose
  std::string port;     // "assigned" where the kernel chose it and will choose another one
};
inline constexpr std::array<std::string_view, 4> kEndpointLabels{"namespace", "protocol", "address", "port"};

EndpointLabels endpoint_labels(const Listener& listener);

}  // namespace sockwatch
