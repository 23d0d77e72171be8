// SPDX-License-Identifier: Apache-2.0
#include "lib/model/display.h"

#include "lib/model/place.h"

namespace sockwatch {

std::string endpoint_text(const Listener& listener) {
  const Protocol protocol = listener.protocol();
  return place_text(protocol, listener.key.local) + "/" + std::string(word(protocol));
}

std::string lasting_endpoint_text(const Listener& listener) {
  const Protocol protocol = listener.protocol();
  const bool assigned = listener.bind() == Bind::Assigned && has_port(protocol);
  return assigned ? address_text(protocol, listener.key.local) : place_text(protocol, listener.key.local);
}

std::string program_name(const Holder& holder) {
  return holder.comm.empty() ? holder.exe.substr(holder.exe.rfind('/') + 1) : holder.comm;
}

std::string owner_name(const Owner& owner) {
  if (!owner.container.empty()) return owner.container;
  if (!owner.unit.empty()) return owner.unit;
  return owner.holders.empty() ? std::string(word(owner.state)) : program_name(owner.holders.front());
}

}  // namespace sockwatch
