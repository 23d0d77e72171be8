// SPDX-License-Identifier: Apache-2.0
// Where a socket sits: an address and a port, or what a family has in their stead (place.h puts it into
// words). IPv4 has one form only: a v4-mapped IPv6 address (RFC 4291 2.5.5.2) is stored as the IPv4 address
// it stands for, so equal places compare equal.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sockwatch {

enum class IpFamily : std::uint8_t { V4, V6 };

struct IpAddress {
  IpFamily family = IpFamily::V4;
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 in the first four, the rest zero

  static IpAddress v4(std::span<const std::uint8_t, 4> bytes);
  static IpAddress v6(std::span<const std::uint8_t, 16> bytes);

  bool is_unspecified() const { return bytes == decltype(bytes){}; }
  // The significant bytes: 4 or 16.
  std::span<const std::uint8_t> significant() const {
    return {bytes.data(), family == IpFamily::V4 ? 4U : 16U};
  }

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

struct Endpoint {
  IpAddress address;  // vsock: the CID in the first four bytes, zeros for any
  // Host byte order; 0 = none. raw: the IP protocol. packet: the ethertype. Only vsock needs more than 16
  // bits.
  std::uint32_t port = 0;
  std::uint32_t interface_index = 0;  // SO_BINDTODEVICE or an IPv6 scope; 0 = not bound to one
  // unix: the path, or the abstract name with the NUL it begins with. packet: the interface's name, where
  // known.
  std::string name{};
  // unix: device (upper half) and inode of the file behind a relative path, of an absolute one the device:
  // the same name elsewhere is another place. 0 where there is none or it is not told.
  std::uint64_t file = 0;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// "127.0.0.1", "fe80::1" (RFC 5952).
std::string to_string(const IpAddress& address);
// Accepts what inet_pton(3) does; v4-mapped becomes IPv4.
std::optional<IpAddress> parse_ip_address(std::string_view text);
// "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80".
std::string to_string(const Endpoint& endpoint);

}  // namespace sockwatch
