// SPDX-License-Identifier: Apache-2.0
// Packets through a base chain: its rules and those of the chains it calls, until each packet is accepted,
// dropped, or nobody can tell. Packets that differ in their sources alone go on as one. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "lib/reach/packet.h"
#include "lib/reach/rule_run.h"
#include "lib/reach/set_lookup.h"

namespace sockwatch::firewall {

// Where a packet's way ends.
struct Leaf {
  enum class Fate : std::uint8_t { Delivered, Forwarded, Dropped, Undecided };
  Fate fate = Fate::Dropped;
  Packet packet;
  Decision by;        // of what was dropped by a rule or a policy
  std::string why{};  // of what was dropped by none: "rp_filter"
};

class ChainWalk final : private RuleSink {
 public:
  // All must outlive it. What does not come out of a chain is added to the leaves.
  ChainWalk(const Flow& flow, SetLookup& sets, std::vector<Leaf>& leaves)
      : flow_(flow), sets_(sets), leaves_(leaves) {}

  // Those that the chain accepts.
  std::vector<Packet> through(const Chain& base, const Place& place, std::vector<Packet> packets);

 private:
  // Those that return or reach the end.
  std::vector<Packet> run(const Chain& chain, std::vector<Packet> packets, std::size_t depth);

  void go_on(Packet packet) override;
  void decide(Packet packet, const Verdict& verdict) override;
  void give_up(Packet packet) override;
  void note(Packet& packet, const Decision& at, const std::string& what) const;

  const Flow& flow_;
  SetLookup& sets_;
  std::vector<Leaf>& leaves_;
  Place place_;
  bool of_nat_ = false;
  std::vector<Packet> accepted_;
  std::size_t rules_run_ = 0;

  // Of the chain that is run now.
  struct Frame {
    Decision here;
    std::size_t depth = 0;
    std::vector<Packet> next;
    std::vector<Packet> fallen;
  };
  Frame* frame_ = nullptr;
};

// Adds it to one that is like it, if there is one.
void add_merged(std::vector<Packet>& packets, Packet packet);

}  // namespace sockwatch::firewall
