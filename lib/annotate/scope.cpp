// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/scope.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sockwatch {
namespace {

// Of the loopback device of every network namespace (LOOPBACK_IFINDEX, include/net/flow.h).
constexpr std::uint32_t kLoopbackIndex = 1;

struct Block {
  std::array<std::uint8_t, 16> prefix;
  std::size_t bits;
  Scope scope;
};

// The registries of special-purpose addresses (RFC 6890) as far as their blocks are not globally reachable;
// the first match wins. What stands in neither table is public, on purpose also: 192.88.99.0/24 and 2002::/16
// (6to4, RFC 3056: a public IPv4 address inside), 2001::/32 (Teredo, RFC 4380: reached through NAT),
// 64:ff9b::/96 (RFC 6052), and the former site-local fec0::/10, which RFC 4291 2.5.7 wants treated as global
// unicast.
constexpr std::array kV4Blocks{
    Block{{127}, 8, Scope::Loopback},         // RFC 1122 3.2.1.3
    Block{{169, 254}, 16, Scope::LinkLocal},  // RFC 3927
    Block{{0}, 8, Scope::LinkLocal},          // RFC 1122 3.2.1.3: a host on this network, never forwarded
    Block{{255, 255, 255, 255}, 32, Scope::LinkLocal},  // RFC 919: broadcast on the link, never forwarded
    Block{{224}, 4, Scope::Multicast},                  // RFC 5771
    Block{{10}, 8, Scope::Private},                     // RFC 1918
    Block{{172, 16}, 12, Scope::Private},               // RFC 1918
    Block{{192, 168}, 16, Scope::Private},              // RFC 1918
    Block{{100, 64}, 10, Scope::Private},               // RFC 6598: behind a carrier's NAT
    Block{{192, 0, 0, 9}, 32, Scope::Public},           // RFC 7723: PCP anycast, globally reachable
    Block{{192, 0, 0, 10}, 32, Scope::Public},          // RFC 8155: TURN anycast, globally reachable
    Block{{192, 0, 0}, 24, Scope::Private},             // RFC 6890 2.2.2: DS-Lite and 464XLAT number from it
    Block{{192, 0, 2}, 24, Scope::Private},             // RFC 5737: documentation
    Block{{198, 51, 100}, 24, Scope::Private},          // RFC 5737
    Block{{203, 0, 113}, 24, Scope::Private},           // RFC 5737
    Block{{198, 18}, 15, Scope::Private},               // RFC 2544: benchmarks inside one network
    Block{{240}, 4, Scope::Private},  // RFC 1112 4: reserved; Linux uses it, the Internet does not route it
};

constexpr std::array kV6Blocks{
    Block{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, Scope::Loopback},  // RFC 4291 2.5.3
    Block{{0xFE, 0x80}, 10, Scope::LinkLocal},                                      // RFC 4291 2.5.6
    Block{{0xFF}, 8, Scope::Multicast},                                             // RFC 4291 2.7
    Block{{0xFC}, 7, Scope::Private},                                               // RFC 4193: unique local
    Block{{0x20, 0x01, 0x0D, 0xB8}, 32, Scope::Private},                            // RFC 3849: documentation
    Block{{0x3F, 0xFF}, 20, Scope::Private},                                        // RFC 9637: documentation
    Block{{0x20, 0x01, 0x00, 0x02, 0x00, 0x00}, 48, Scope::Private},                // RFC 5180: benchmarks
    Block{{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 48, Scope::Private},                // RFC 8215: local NAT64
    Block{{0x01, 0x00}, 64, Scope::Private},                                        // RFC 6666: discarded
    Block{{0x5F, 0x00}, 16, Scope::Private},  // RFC 9602: segment routing
};

bool contains(const Block& block, const IpAddress& address) {
  const std::size_t whole = block.bits / 8;
  if (!std::equal(block.prefix.begin(), block.prefix.begin() + whole, address.bytes.begin())) return false;
  const unsigned rest = block.bits % 8;
  return rest == 0 || (block.prefix[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

Scope scope_in(std::span<const Block> blocks, const IpAddress& address) {
  const auto block = std::find_if(blocks.begin(), blocks.end(),
                                  [&](const Block& candidate) { return contains(candidate, address); });
  return block == blocks.end() ? Scope::Public : block->scope;
}

}  // namespace

Scope scope_of(const IpAddress& address) {
  if (address.is_unspecified()) return Scope::Any;
  // ::ffff:127.0.0.1 is no case of its own: IpAddress stores it as the IPv4 address that it is.
  return address.family == IpFamily::V4 ? scope_in(kV4Blocks, address) : scope_in(kV6Blocks, address);
}

Scope scope_of(Protocol protocol, const Endpoint& local, bool transparent) {
  if (has_ip_address(protocol)) {
    if (local.interface_index == kLoopbackIndex) return Scope::Loopback;
    return transparent ? Scope::Any : scope_of(local.address);
  }
  if (protocol == Protocol::Unix) return Scope::Loopback;
  if (protocol == Protocol::Packet || local.address.is_unspecified()) return Scope::Any;
  const bool this_machine = local.address == IpAddress{IpFamily::V4, {0, 0, 0, 1}};  // VMADDR_CID_LOCAL
  return this_machine ? Scope::Loopback : Scope::LinkLocal;
}

}  // namespace sockwatch
