// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/published.h"

#include <netinet/in.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "lib/reach/ports_in_rules.h"

namespace sockwatch::firewall {
namespace {

// What makes two of them one: the same rule hands the same ports to the same place.
struct Key {
  std::uint8_t transport = 0;
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
  IpFamily family = IpFamily::V4;
  const Rule* rule = nullptr;
  IpAddress to_address;
  std::uint16_t to_port = 0;

  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Found {
  const Chain* chain = nullptr;
  std::vector<IpAddress> addresses;  // at which it is taken
};

class Search {
 public:
  Search(const Ruleset& rules, const Network& network)
      : network_(network), question_(rules, network), borders_(port_borders_before_routing(rules)) {}

  std::vector<PublishedPort> run() {
    for (const std::uint8_t transport : {std::uint8_t{IPPROTO_TCP}, std::uint8_t{IPPROTO_UDP}}) {
      for (std::size_t i = 0; i < borders_.size(); ++i) {
        const std::uint16_t last =
            i + 1 < borders_.size() ? static_cast<std::uint16_t>(borders_[i + 1] - 1) : 0xFFFF;
        search(transport, borders_[i], last);
      }
    }
    std::vector<PublishedPort> ports;
    for (const auto& [key, found] : found_) add(key, found, ports);
    std::stable_sort(ports.begin(), ports.end(), [](const PublishedPort& a, const PublishedPort& b) {
      return std::tie(a.first_port, a.transport, a.address) < std::tie(b.first_port, b.transport, b.address);
    });
    return ports;
  }

 private:
  void search(std::uint8_t transport, std::uint16_t first, std::uint16_t last) {
    const ReachTarget target{
        .transport = transport, .address = {IpFamily::V6, {}}, .port = first, .covers_ipv4 = true};
    for (const NetworkInterface& interface : network_.interfaces) {
      if (!question_.is_way_in(interface, target)) continue;
      for (const IpFamily family : {IpFamily::V4, IpFamily::V6}) {
        const AddressSet all = AddressSet::all(family) - network_.martians(interface, family);
        for (const IpAddress& address : network_.destinations(interface, family)) {
          Reasons reasons;
          for (const Leaf& leaf : question_.follow(target, address, interface, all, reasons)) {
            const Packet& packet = leaf.packet;
            if (!packet.translated) continue;
            const std::uint16_t to_port =
                packet.port_known && packet.port != first ? packet.port : std::uint16_t{0};
            Found& found =
                found_[{transport, first, last, family, packet.translator.rule,
                        packet.destination_known ? packet.destination : IpAddress{family, {}}, to_port}];
            found.chain = packet.translator.chain;
            if (std::find(found.addresses.begin(), found.addresses.end(), address) == found.addresses.end())
              found.addresses.push_back(address);
          }
        }
      }
    }
  }

  bool is_every_address(const Found& found, IpFamily family) const {
    return std::all_of(network_.interfaces.begin(), network_.interfaces.end(),
                       [&](const NetworkInterface& each) {
                         if (!question_.is_way_in(each, {})) return true;
                         const std::vector<IpAddress> all = network_.destinations(each, family);
                         return std::all_of(all.begin(), all.end(), [&](const IpAddress& address) {
                           return std::find(found.addresses.begin(), found.addresses.end(), address) !=
                                  found.addresses.end();
                         });
                       });
  }

  Reach reach_at(const Key& key, const IpAddress& address) {
    return question_.ask(
        {.transport = key.transport, .address = address, .port = key.first_port, .listens = false});
  }

  // The same senders get in at each address by the same interface.
  static bool are_alike(const std::vector<Reach>& all) {
    std::map<std::string, std::pair<AddressSet, AddressSet>> by_interface;
    for (const Reach& reach : all) {
      for (const Way& way : reach.ways) {
        const auto [known, is_new] = by_interface.try_emplace(way.interface, way.certain, way.possible);
        if (!is_new && known->second != std::pair(way.certain, way.possible)) return false;
      }
    }
    return true;
  }

  void add(const Key& key, const Found& found, std::vector<PublishedPort>& ports) {
    const auto add_at = [&](const IpAddress& address, Reach reach) {
      ports.push_back({.transport = key.transport,
                       .address = address,
                       .first_port = key.first_port,
                       .last_port = key.last_port,
                       .rule = rule_name(*found.chain, key.rule),
                       .to_address = key.to_address,
                       .to_port = key.to_port,
                       .reach = std::move(reach)});
    };
    std::vector<Reach> reaches;
    for (const IpAddress& address : found.addresses) reaches.push_back(reach_at(key, address));
    if (is_every_address(found, key.family) && are_alike(reaches))
      return add_at({key.family, {}}, reach_at(key, {key.family, {}}));
    for (std::size_t i = 0; i < reaches.size(); ++i) add_at(found.addresses[i], std::move(reaches[i]));
  }

  const Network& network_;
  ReachQuestion question_;
  std::vector<std::uint16_t> borders_;
  std::map<Key, Found> found_;
};

}  // namespace

std::vector<PublishedPort> published_ports(const Ruleset& rules, const Network& network) {
  if (!translates_before_routing(rules)) return {};
  return Search(rules, network).run();
}

}  // namespace sockwatch::firewall
