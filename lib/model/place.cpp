// SPDX-License-Identifier: Apache-2.0
#include "lib/model/place.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sockwatch {
namespace {

constexpr std::uint32_t kEveryEthertype = 0x0003;  // ETH_P_ALL

std::uint32_t cid_of(const IpAddress& address) {
  std::uint32_t cid = 0;
  for (std::size_t i = 0; i < 4; ++i) cid = cid << 8 | address.bytes[i];
  return cid;
}

}  // namespace

std::string unix_path(const Endpoint& endpoint) {
  const std::string& name = endpoint.name;
  if (name.empty()) return name;
  if (name.front() == '\0') return "@" + name.substr(1);
  return name.front() == '@' ? "./" + name : name;
}

std::string interface_text(const Endpoint& endpoint) {
  if (!endpoint.name.empty()) return endpoint.name;
  if (endpoint.interface_index == kEveryInterface) return std::string(kRemovedInterface);
  return endpoint.interface_index == 0 ? "any" : std::to_string(endpoint.interface_index);
}

std::string cid_text(const Endpoint& endpoint) {
  return endpoint.address.is_unspecified() ? "any" : std::to_string(cid_of(endpoint.address));
}

std::string ethertype_text(std::uint32_t ethertype) {
  if (ethertype == kEveryEthertype) return "any";
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "0x%04x", ethertype);  // eight digits at most
  return text.data();
}

std::string address_text(Protocol protocol, const Endpoint& endpoint) {
  if (protocol == Protocol::Unix) return unix_path(endpoint);
  if (protocol == Protocol::Packet) return interface_text(endpoint);
  if (protocol == Protocol::Vsock) return cid_text(endpoint);
  std::string text = to_string(endpoint.address);
  if (endpoint.interface_index != 0) text += "%" + std::to_string(endpoint.interface_index);
  return text;
}

std::string port_text(Protocol protocol, const Endpoint& endpoint) {
  if (protocol == Protocol::Packet) return ethertype_text(endpoint.port);
  return protocol == Protocol::Unix ? "" : std::to_string(endpoint.port);
}

std::string place_text(Protocol protocol, const Endpoint& endpoint) {
  switch (protocol) {
    case Protocol::Unix:
      return unix_path(endpoint);
    case Protocol::Packet:
      return interface_text(endpoint) + " (" + ethertype_text(endpoint.port) + ")";
    case Protocol::Raw:
      return address_text(protocol, endpoint) + " (ip protocol " + std::to_string(endpoint.port) + ")";
    case Protocol::Vsock:
      return cid_text(endpoint) + ":" + std::to_string(endpoint.port);
    default:
      return to_string(endpoint);
  }
}

}  // namespace sockwatch
