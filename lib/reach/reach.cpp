// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/reach.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "lib/reach/road.h"

namespace sockwatch::firewall {
namespace {

constexpr std::uint8_t kBroadcast = 1;  // PACKET_BROADCAST
constexpr std::uint8_t kMulticast = 2;
constexpr std::size_t kMostDecisions = 3;

void add_once(std::vector<std::string>& texts, std::string text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
}

bool gets_through(const Leaf& leaf) {
  return leaf.fate == Leaf::Fate::Delivered || leaf.fate == Leaf::Fate::Forwarded;
}

std::string decision_text(const Decision& decision) {
  return decision.chain == nullptr ? std::string() : rule_name(*decision.chain, decision.rule);
}

std::string endpoint_text(const Packet& packet) {
  if (!packet.destination_known) return "one of several addresses";
  const std::string port = packet.port_known ? std::to_string(packet.port) : "one of several ports";
  const std::string host = to_string(packet.destination);
  return packet.destination.family == IpFamily::V6 ? "[" + host + "]:" + port : host + ":" + port;
}

AddressNumber size_of(const AddressSet& set) {
  AddressNumber size = 0;
  for (const AddressSet::Range& range : set.ranges()) {
    const AddressNumber part = range.last - range.first;
    size = part >= ~AddressNumber{0} - size ? ~AddressNumber{0} : size + part + 1;
  }
  return size;
}

std::uint8_t packet_type_of(const IpAddress& address, const std::vector<IpAddress>& groups) {
  if (std::find(groups.begin(), groups.end(), address) == groups.end()) return 0;
  return is_multicast(address) ? kMulticast : kBroadcast;
}

}  // namespace

std::vector<std::string> Way::prefixes_of(const AddressSet& sources) const {
  const AddressSet with_unheard = sources | unheard;
  AddressSet shown;
  for (const AddressSet::Range& range : with_unheard.ranges()) {
    const AddressSet whole = AddressSet::range(range.first, range.last);
    const AddressSet part = whole & sources;
    if (part.empty()) continue;
    shown = shown | (whole.prefixes(family).size() < part.prefixes(family).size() ? whole : part);
  }
  return shown.prefixes(family);
}

void ReachSum::count(std::vector<Decided>& decided, const Leaf& leaf) {
  std::string text = leaf.why;
  if (text.empty())
    text =
        decision_text(leaf.packet.translator.chain != nullptr && gets_through(leaf) ? leaf.packet.translator
                      : gets_through(leaf)                                          ? leaf.packet.let_in
                                                                                    : leaf.by);
  if (text.empty()) return;
  auto found =
      std::find_if(decided.begin(), decided.end(), [&](const Decided& each) { return each.by == text; });
  if (found == decided.end()) found = decided.insert(decided.end(), {std::move(text), 0});
  found->sources = std::max(found->sources, size_of(leaf.packet.sources));
}

std::vector<std::string> ReachSum::most_of(std::vector<Decided> decided) {
  std::stable_sort(decided.begin(), decided.end(),
                   [](const Decided& a, const Decided& b) { return a.sources > b.sources; });
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(decided.size(), kMostDecisions); ++i) texts.push_back(decided[i].by);
  return texts;
}

void ReachSum::add(const NetworkInterface& interface, IpFamily family, const AddressSet& listened_to,
                   const std::vector<Leaf>& leaves, const Reasons& reasons) {
  AddressSet through;  // of an ordinary sender
  AddressSet stopped;
  AddressSet possible;
  for (const Leaf& leaf : leaves) {
    const AddressSet& sources = leaf.packet.sources;
    const bool undecided = leaf.fate == Leaf::Fate::Undecided;
    if (gets_through(leaf) || undecided) {
      possible = possible | sources;
      if (!leaf.packet.unusual) through = through | sources;
    }
    if ((!gets_through(leaf) || undecided) && !leaf.packet.unusual) stopped = stopped | sources;
    count(gets_through(leaf) ? let_in_ : stopped_, leaf);
    if (gets_through(leaf) && leaf.packet.translated) add_once(published_to_, endpoint_text(leaf.packet));
  }
  const AddressSet certain = through - stopped;
  for (const Leaf& leaf : leaves) {
    // Of those about whom it does not agree with the others.
    if ((leaf.packet.sources & (possible - certain)).empty()) continue;
    for (std::string& text : reasons.texts(leaf.packet.reasons)) add_once(unknown_, std::move(text));
  }
  auto way = std::find_if(ways_.begin(), ways_.end(), [&](const Way& each) {
    return each.interface == interface.name && each.family == family;
  });
  if (way == ways_.end())
    way = ways_.insert(ways_.end(),
                       {interface.name, family, {}, {}, false, AddressSet::all(family) - listened_to});
  way->certain = way->certain | certain;
  way->possible = way->possible | possible;
  way->everybody = way->certain.contains(listened_to);
}

void ReachSum::add_unknown(std::string reason) {
  add_once(unknown_, std::move(reason));
}

Reach ReachSum::take() const {
  Reach reach;
  const auto any = [this](auto holds) { return std::any_of(ways_.begin(), ways_.end(), holds); };
  if (any([](const Way& way) { return way.everybody; })) {
    reach.word = ReachWord::Open;
  } else if (any([](const Way& way) { return !way.certain.empty(); })) {
    reach.word = ReachWord::Limited;
  } else if (any([](const Way& way) { return !way.possible.empty(); }) || !unknown_.empty()) {
    reach.word = ReachWord::Unknown;
  } else {
    reach.word = ways_.empty() ? ReachWord::Local : ReachWord::Filtered;
  }
  for (const Way& way : ways_) {
    if (!way.possible.empty()) reach.ways.push_back(way);
  }
  reach.decided_by = most_of(reach.word == ReachWord::Filtered || let_in_.empty() ? stopped_ : let_in_);
  reach.unknown = unknown_;
  reach.published_to = published_to_;
  return reach;
}

bool ReachQuestion::is_way_in(const NetworkInterface& interface, const ReachTarget& target) const {
  if (interface.loopback || !interface.up) return false;
  if (target.interface_index != 0 && target.interface_index != interface.index) return false;
  // Packets by a port of a bridge or of a bond come in by the bridge or bond.
  return interface.master == 0 || network_.find(interface.master) == nullptr ||
         network_.find(interface.master)->kind == "vrf";
}

std::vector<IpAddress> ReachQuestion::addresses_of(const ReachTarget& target, const NetworkInterface& by,
                                                   IpFamily family) const {
  const bool wildcard = target.address.is_unspecified();
  const bool covered =
      target.address.family == family || (wildcard && target.covers_ipv4 && family == IpFamily::V4);
  if (!covered) return {};
  std::vector<IpAddress> addresses = network_.destinations(by, family);
  if (target.listens && (target.transport == IPPROTO_UDP || target.transport == IPPROTO_UDPLITE)) {
    const std::vector<IpAddress> groups = network_.group_destinations(by, family);
    addresses.insert(addresses.end(), groups.begin(), groups.end());
  }
  if (!wildcard) std::erase_if(addresses, [&](const IpAddress& each) { return each != target.address; });
  return addresses;
}

std::vector<Leaf> ReachQuestion::follow(const ReachTarget& target, const IpAddress& address,
                                        const NetworkInterface& by, const AddressSet& sources,
                                        Reasons& reasons, bool with_path) {
  const Flow flow{.rules = rules_,
                  .network = network_,
                  .input = by,
                  .reasons = reasons,
                  .family = address.family,
                  .transport = target.transport,
                  .destination = address,
                  .port = target.port,
                  .packet_type = packet_type_of(address, network_.group_destinations(by, address.family)),
                  .with_path = with_path};
  return travel(flow, sources, sets_);
}

Reach ReachQuestion::ask(const ReachTarget& target) {
  ReachSum sum;
  for (const NetworkInterface& interface : network_.interfaces) {
    if (!is_way_in(interface, target)) continue;
    for (const IpFamily family : {IpFamily::V4, IpFamily::V6}) {
      const AddressSet listened_to = AddressSet::all(family) - network_.martians(interface, family);
      for (const IpAddress& address : addresses_of(target, interface, family)) {
        Reasons reasons;
        std::vector<Leaf> leaves = follow(target, address, interface, listened_to, reasons);
        for (Leaf& leaf : leaves) {
          const bool refused =
              leaf.fate == Leaf::Fate::Delivered && !leaf.packet.translated && !target.listens;
          if (refused) leaf = {Leaf::Fate::Dropped, std::move(leaf.packet), {}, "nothing listens there"};
        }
        sum.add(interface, family, listened_to, leaves, reasons);
      }
    }
  }
  return sum.take();
}

}  // namespace sockwatch::firewall
