// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/road.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sockwatch::firewall {
namespace {

// Priorities at which the kernel's own hooks stand (linux/netfilter_ipv4.h).
constexpr std::int32_t kTracking = -200;
constexpr std::int32_t kDestinationNat = -100;
constexpr std::int32_t kSourceNat = 100;

class Road {
 public:
  Road(const Flow& flow, SetLookup& sets) : flow_(flow), walk_(flow, sets, leaves_) {}

  std::vector<Leaf> travel(const AddressSet& sources) {
    Packet packet;
    packet.sources = sources;
    packet.destination = flow_.destination;
    packet.port = flow_.port;
    std::vector<Packet> packets;
    packets.push_back(std::move(packet));
    if (const std::string why = taken_away(); !why.empty()) {
      undecided(std::move(packets), why);
      return std::move(leaves_);
    }
    packets = through(Hook::Ingress, std::move(packets));
    packets = through(Hook::Prerouting, std::move(packets));
    for (Packet& each : packets) route(std::move(each));
    return std::move(leaves_);
  }

 private:
  // Programs and tables that get the packet first, and which nobody here can read.
  std::string taken_away() const {
    if (!flow_.rules.unread.empty()) return flow_.rules.unread.front();
    if (!flow_.input.programs.empty()) return flow_.input.programs.front() + " on " + flow_.input.name;
    if (flow_.input.kind != "bridge") return {};
    for (const Chain& chain : flow_.rules.chains) {
      const bool asked =
          chain.base && (chain.base->hook == Hook::Prerouting || chain.base->hook == Hook::Input);
      if (chain.family == TableFamily::Bridge && asked && (!chain.rules.empty() || chain.base->drops))
        return "bridge table " + chain.table + " on " + flow_.input.name;
    }
    return {};
  }

  bool sees(const Chain& chain, Hook hook) const {
    if (!chain.base || chain.base->hook != hook) return false;
    if (hook == Hook::Ingress) {
      const auto& devices = chain.base->devices;
      return (chain.family == TableFamily::Netdev || chain.family == TableFamily::Inet) &&
             std::find(devices.begin(), devices.end(), flow_.input.name) != devices.end();
    }
    return chain.family == TableFamily::Inet ||
           chain.family == (flow_.family == IpFamily::V4 ? TableFamily::Ip : TableFamily::Ip6);
  }

  // Chains of nat are called by nat's own hook, whatever priority they have among themselves.
  static std::int32_t place_of(const Chain& chain) {
    if (!chain.base->is_nat) return chain.base->priority;
    return chain.base->hook == Hook::Prerouting || chain.base->hook == Hook::Output ? kDestinationNat
                                                                                    : kSourceNat;
  }

  std::vector<const Chain*> chains_at(Hook hook) const {
    std::vector<const Chain*> chains;
    for (const Chain& chain : flow_.rules.chains) {
      if (sees(chain, hook)) chains.push_back(&chain);
    }
    std::stable_sort(chains.begin(), chains.end(), [](const Chain* a, const Chain* b) {
      return std::tuple(place_of(*a), a->base->priority) < std::tuple(place_of(*b), b->base->priority);
    });
    return chains;
  }

  std::vector<Packet> through(Hook hook, std::vector<Packet> packets) {
    const std::vector<const Chain*> chains = chains_at(hook);
    for (std::size_t i = 0; i < chains.size(); ++i) {
      std::size_t alike = i + 1;
      while (chains[i]->base->is_nat && alike < chains.size() && chains[alike]->base->is_nat &&
             chains[alike]->base->priority == chains[i]->base->priority) {
        ++alike;
      }
      if (alike - i == 1) {
        packets = through(*chains[i], std::move(packets));
        continue;
      }
      packets = in_any_order({chains.begin() + static_cast<std::ptrdiff_t>(i),
                              chains.begin() + static_cast<std::ptrdiff_t>(alike)},
                             packets);
      i = alike - 1;
    }
    return packets;
  }

  // Of nat chains with the same priority the one that was made last is asked first, and the first that
  // translates wins. Nobody says which was made last, so each is tried in front.
  std::vector<Packet> in_any_order(std::vector<const Chain*> chains, const std::vector<Packet>& packets) {
    std::vector<Packet> all;
    for (std::size_t turn = 0; turn < chains.size(); ++turn) {
      std::vector<Packet> some = packets;
      for (const Chain* chain : chains) some = through(*chain, std::move(some));
      for (Packet& packet : some) add_merged(all, std::move(packet));
      std::rotate(chains.begin(), chains.begin() + 1, chains.end());
    }
    return all;
  }

  std::vector<Packet> through(const Chain& chain, std::vector<Packet> packets) {
    const BaseChain& base = *chain.base;
    std::vector<Packet> passed_by;
    if (base.is_nat) {
      const auto not_asked = std::stable_partition(packets.begin(), packets.end(), [&](const Packet& packet) {
        return !packet.untracked && !(base.hook == Hook::Prerouting && packet.translated);
      });
      passed_by.assign(std::make_move_iterator(not_asked), std::make_move_iterator(packets.end()));
      packets.erase(not_asked, packets.end());
    }
    const bool tracked =
        base.hook != Hook::Ingress && (base.hook != Hook::Prerouting || place_of(chain) > kTracking);
    packets = walk_.through(chain, {base.hook, chain.family, tracked}, std::move(packets));
    for (Packet& packet : passed_by) add_merged(packets, std::move(packet));
    return packets;
  }

  void dropped(Packet packet, const std::string& why) {
    if (!packet.sources.empty()) leaves_.push_back({Leaf::Fate::Dropped, std::move(packet), {}, why});
  }

  void undecided(std::vector<Packet> packets, const std::string& why) {
    for (Packet& packet : packets) {
      packet.reasons |= flow_.reasons.set_of(why);
      leaves_.push_back({Leaf::Fate::Undecided, std::move(packet), {}});
    }
  }

  // rp_filter=1: an answer would have to go out by the interface it came in by. 2: by any.
  std::vector<Packet> filter_by_route(Packet packet) {
    std::vector<Packet> passed;
    if (flow_.family == IpFamily::V6 || flow_.input.reverse_path_filter == 0 || !packet.source_known) {
      passed.push_back(std::move(packet));
      return passed;
    }
    const std::string name = "rp_filter on " + flow_.input.name;
    if (!flow_.network.policy_routing_v4.empty()) {
      undecided({std::move(packet)}, name + " with " + flow_.network.policy_routing_v4);
      return passed;
    }
    AddressSet routed;
    if (flow_.input.reverse_path_filter == 1) {
      routed = flow_.network.behind(flow_.input, flow_.family);
    } else {
      for (const Network::Part& part : flow_.network.parts(flow_.family)) {
        if (part.second != nullptr && part.second->type == RouteType::Unicast) routed = routed | part.first;
      }
    }
    Packet stopped = packet;
    stopped.sources = packet.sources - routed;
    dropped(std::move(stopped), name);
    packet.sources = packet.sources & routed;
    if (!packet.sources.empty()) passed.push_back(std::move(packet));
    return passed;
  }

  void route(Packet arrived) {
    if (!arrived.destination_known) {
      undecided({std::move(arrived)}, "a rule that chooses from several destinations");
      return;
    }
    for (Packet& packet : filter_by_route(std::move(arrived))) {
      const bool as_it_came = packet.destination == flow_.destination && flow_.packet_type != 0;
      if (as_it_came || flow_.network.is_local(packet.destination)) {
        deliver(std::move(packet));
      } else {
        forward(std::move(packet));
      }
    }
  }

  void deliver(Packet packet) {
    if (is_loopback(packet.destination) &&
        (packet.destination.family == IpFamily::V6 || !flow_.input.routes_loopback))
      return dropped(std::move(packet), "a loopback address, and no route_localnet on " + flow_.input.name);
    std::vector<Packet> packets;
    packets.push_back(std::move(packet));
    for (Packet& in : through(Hook::Input, std::move(packets)))
      leaves_.push_back({Leaf::Fate::Delivered, std::move(in), {}});
  }

  void forward(Packet packet) {
    if (flow_.packet_type != 0) return dropped(std::move(packet), "broadcasts are not forwarded");
    if (!flow_.input.forwards(flow_.family))
      return dropped(std::move(packet), "forwarding is off on " + flow_.input.name);
    if (!flow_.network.policy_routing(flow_.family).empty()) {
      packet.output_known = false;
    } else {
      const Route* route = flow_.network.route_to(packet.destination);
      if (route == nullptr || route->type == RouteType::Unreachable)
        return dropped(std::move(packet), "no route to " + to_string(packet.destination));
      packet.output_known = route->interfaces.size() == 1;
      packet.output = packet.output_known ? flow_.network.find(route->interfaces.front()) : nullptr;
    }
    std::vector<Packet> packets;
    packets.push_back(std::move(packet));
    packets = through(Hook::Forward, std::move(packets));
    packets = through(Hook::Postrouting, std::move(packets));
    for (Packet& out : packets) {
      if (const std::string why = taken_away_at_the_end(out); !why.empty()) {
        undecided({std::move(out)}, why);
      } else {
        leaves_.push_back({Leaf::Fate::Forwarded, std::move(out), {}});
      }
    }
  }

  std::string taken_away_at_the_end(const Packet& packet) const {
    for (const Chain& chain : flow_.rules.chains) {
      if (chain.base && chain.base->hook == Hook::Egress && (!chain.rules.empty() || chain.base->drops))
        return "egress chain of table " + chain.table;
    }
    if (packet.output != nullptr && !packet.output->programs.empty())
      return packet.output->programs.front() + " on " + packet.output->name;
    return {};
  }

  const Flow& flow_;
  std::vector<Leaf> leaves_;
  ChainWalk walk_;
};

}  // namespace

std::vector<Leaf> travel(const Flow& flow, const AddressSet& sources, SetLookup& sets) {
  return Road(flow, sets).travel(sources);
}

}  // namespace sockwatch::firewall
