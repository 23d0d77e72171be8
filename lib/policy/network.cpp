// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/network.h"

#include "lib/base/text.h"
#include "lib/model/annotation.h"

namespace sockwatch {
namespace {

unsigned bits_of(const IpAddress& address) {
  return address.family == IpFamily::V4 ? 32 : 128;
}

// The address with all bits behind the prefix cleared.
IpAddress masked(IpAddress address, unsigned prefix) {
  for (unsigned bit = prefix; bit < bits_of(address); ++bit) {
    address.bytes[bit / 8] = static_cast<std::uint8_t>(address.bytes[bit / 8] & ~(0x80U >> (bit % 8)));
  }
  return address;
}

Error complaint(std::string_view text, std::string_view wrong, const std::string& expected) {
  return {"\"" + std::string(text) + "\" " + std::string(wrong) + ", expected " + expected};
}

// What a mapped address or network is meant to be: the IPv4 part begins at bit 96 (RFC 4291 2.5.5.2).
std::string ipv4_form(const IpAddress& address, std::string_view behind) {
  constexpr unsigned kMappedBits = 96;
  if (behind.empty()) return "\"" + to_string(address) + "\"";
  const auto prefix = parse_integer<unsigned>(behind.substr(1));
  if (!prefix || *prefix < kMappedBits || *prefix > 128) return "an IPv4 network such as \"10.0.0.0/8\"";
  return "\"" + to_string(Network{masked(address, *prefix - kMappedBits), *prefix - kMappedBits}) + "\"";
}

}  // namespace

bool Network::contains(const IpAddress& other) const {
  return other.family == address.family && masked(other, prefix) == address;
}

Network network_of(const IpAddress& address) {
  return {address, bits_of(address)};
}

Result<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto address = parse_ip_address(host);
  // A v4-mapped address is IPv4 here, and its prefix would count from another end than it is written.
  const bool mapped = address && address->family == IpFamily::V4 && host.find(':') != std::string_view::npos;
  if (!address) {
    return complaint(text, "is no address", "a scope (" + list_of_words<Scope>() + "), an address or a CIDR");
  }
  if (mapped)
    return complaint(text, "is IPv4 in the form of IPv6", ipv4_form(*address, text.substr(host.size())));
  if (slash == std::string_view::npos) return network_of(*address);

  const auto prefix = parse_integer<unsigned>(text.substr(slash + 1));
  const unsigned bits = bits_of(*address);
  if (!prefix || *prefix > bits) {
    return complaint(text, "has no valid prefix length", "one from /0 to /" + std::to_string(bits));
  }
  const Network network{masked(*address, *prefix), *prefix};
  if (network.address != *address) {
    return complaint(text, "has bits set behind its prefix",
                     "\"" + to_string(network) + "\" or \"" + to_string(*address) + "\"");
  }
  return network;
}

std::string to_string(const Network& network) {
  return to_string(network.address) + "/" + std::to_string(network.prefix);
}

}  // namespace sockwatch
