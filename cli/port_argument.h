// SPDX-License-Identifier: Apache-2.0
// A port as people type it. Pure; the error quotes it as it is and says what was expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

struct PortArgument {
  std::optional<Protocol> protocol;  // absent: any
  std::uint16_t port = 0;            // 0 where a name was given
  std::string name;
};

// "22", "tcp/22", "22/tcp"
Result<PortArgument> parse_port(std::string_view text);
// The same, or a service's name: "ssh", "domain/udp". What begins with a digit and holds nothing else is a
// port.
Result<PortArgument> parse_port_or_name(std::string_view text);

}  // namespace sockwatch
