// SPDX-License-Identifier: Apache-2.0
#include "lib/model/endpoint_labels.h"

#include "lib/model/place.h"

namespace sockwatch {

EndpointLabels endpoint_labels(const Listener& listener) {
  const Protocol protocol = listener.protocol();
  const bool assigned = listener.bind() == Bind::Assigned;
  const std::string chosen_by_kernel(word(Bind::Assigned));
  Endpoint local = listener.key.local;
  if (has_ip_address(protocol)) local.interface_index = 0;
  EndpointLabels labels{listener.annotation.name_space, std::string(word(protocol)),
                        address_text(protocol, local), port_text(protocol, local)};
  if (assigned) (has_port(protocol) ? labels.port : labels.address) = chosen_by_kernel;
  return labels;
}

}  // namespace sockwatch
