// SPDX-License-Identifier: Apache-2.0
// From where something on this machine can be reached, as far as the firewall, the routes and the sysctls of
// its network namespace decide. What cannot be decided is said, never guessed. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/words.h"
#include "lib/reach/chain_walk.h"
#include "lib/reach/network.h"
#include "lib/reach/ruleset.h"
#include "lib/reach/set_lookup.h"

namespace sockwatch {
namespace firewall {

enum class ReachWord : std::uint8_t { Open, Limited, Filtered, Local, Unknown };

}  // namespace firewall

template <>
struct Words<firewall::ReachWord> {
  static constexpr std::array<std::string_view, 5> values = {"open", "limited", "filtered", "local",
                                                             "unknown"};
};

}  // namespace sockwatch

namespace sockwatch::firewall {

// Where packets are sent to.
struct ReachTarget {
  std::uint8_t transport = 6;  // IPPROTO_*
  IpAddress address{};         // unspecified: every address of the machine
  std::uint16_t port = 0;
  std::uint32_t interface_index = 0;  // bound to this one; 0: to none
  bool covers_ipv4 = false;           // an IPv6 wildcard that takes IPv4, too
  bool listens = true;                // false: nothing there takes a packet that no rule hands on
};

// Who gets through by one interface.
struct Way {
  std::string interface {};
  IpFamily family = IpFamily::V4;
  AddressSet certain{};
  AddressSet possible{};   // those for which it could not be decided, too
  bool everybody = false;  // all whom the kernel listens to are in `certain`
  AddressSet unheard{};    // to whom it does not listen whatever the rules say: our own addresses, loopback

  // In the fewest prefixes: it does not matter on which side those stand to whom nobody listens.
  std::vector<std::string> prefixes_of(const AddressSet& sources) const;
};

struct Reach {
  ReachWord word = ReachWord::Unknown;
  std::vector<Way> ways{};                  // those with somebody in `possible`
  std::vector<std::string> decided_by{};    // rules that let in, or where nobody gets in, that stopped
  std::vector<std::string> unknown{};       // what could not be decided
  std::vector<std::string> published_to{};  // where rules hand it on to: "172.17.0.2:80"
};

// Puts together what becomes of packets to several addresses by several interfaces.
class ReachSum {
 public:
  // `listened_to`: the sources that the kernel takes from the interface.
  void add(const NetworkInterface& interface, IpFamily family, const AddressSet& listened_to,
           const std::vector<Leaf>& leaves, const Reasons& reasons);
  void add_unknown(std::string reason);
  // `local` where no interface leads there.
  Reach take() const;

 private:
  struct Decided {
    std::string by;
    AddressNumber sources = 0;  // how many
  };
  static void count(std::vector<Decided>& decided, const Leaf& leaf);
  static std::vector<std::string> most_of(std::vector<Decided> decided);

  std::vector<Way> ways_;
  std::vector<Decided> let_in_;
  std::vector<Decided> stopped_;
  std::vector<std::string> unknown_;
  std::vector<std::string> published_to_;
};

class ReachQuestion {
 public:
  // Both linked and prepared; they must outlive it.
  ReachQuestion(const Ruleset& rules, const Network& network) : rules_(rules), network_(network) {}

  Reach ask(const ReachTarget& target);

  // What becomes of packets to `address` that come in by the interface from any of the sources.
  std::vector<Leaf> follow(const ReachTarget& target, const IpAddress& address, const NetworkInterface& by,
                           const AddressSet& sources, Reasons& reasons, bool with_path = false);

  // Where packets by this interface may be sent to, to get to the target.
  std::vector<IpAddress> addresses_of(const ReachTarget& target, const NetworkInterface& by,
                                      IpFamily family) const;
  // False for loopback, what is down, and what hands its packets to another interface first.
  bool is_way_in(const NetworkInterface& interface, const ReachTarget& target) const;

 private:
  const Ruleset& rules_;
  const Network& network_;
  SetLookup sets_;
};

}  // namespace sockwatch::firewall
