// SPDX-License-Identifier: Apache-2.0
#include "lib/model/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>

namespace sockwatch {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

IpAddress IpAddress::v4(std::span<const std::uint8_t, 4> bytes) {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

IpAddress IpAddress::v6(std::span<const std::uint8_t, 16> bytes) {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) return v4(bytes.last<4>());
  IpAddress address;
  address.family = IpFamily::V6;
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  // Cannot fail: both families are known and the buffer fits the longest form.
  (void)::inet_ntop(address.family == IpFamily::V4 ? AF_INET : AF_INET6, address.bytes.data(), buffer.data(),
                    buffer.size());
  return buffer.data();
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton(3) would stop there
  const std::string terminated(text);
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return IpAddress::v4(std::span(bytes).first<4>());
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return IpAddress::v6(bytes);
  return std::nullopt;
}

std::string to_string(const Endpoint& endpoint) {
  std::string host = to_string(endpoint.address);
  if (endpoint.interface_index != 0) host += "%" + std::to_string(endpoint.interface_index);
  if (endpoint.address.family == IpFamily::V6) host = "[" + host + "]";
  return host + ":" + std::to_string(endpoint.port);
}

}  // namespace sockwatch
