// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/chain_walk.h"

#include <algorithm>
#include <utility>

namespace sockwatch::firewall {
namespace {

constexpr std::size_t kMostDepth = 16;         // NFT_JUMP_STACK_SIZE
constexpr std::size_t kMostPackets = 256;      // side by side
constexpr std::size_t kMostRules = 2'000'000;  // run for one chain, each packet counted

std::string text_of(const Flow& flow, const Verdict& verdict) {
  const bool leads = verdict.target < flow.rules.chains.size();
  const std::string target = leads ? flow.rules.chains[verdict.target].name : verdict.chain;
  switch (verdict.kind) {
    case Verdict::Kind::Accept:
      return "accept";
    case Verdict::Kind::Drop:
      return "drop";
    case Verdict::Kind::Continue:
      return "continue";
    case Verdict::Kind::Jump:
      return "jump " + target;
    case Verdict::Kind::Goto:
      return "goto " + target;
    case Verdict::Kind::Return:
      return "return";
  }
  return {};
}

}  // namespace

void add_merged(std::vector<Packet>& packets, Packet packet) {
  const auto alike =
      std::find_if(packets.begin(), packets.end(), [&](const Packet& each) { return each.like(packet); });
  if (alike != packets.end()) {
    alike->take_in(packet);
  } else {
    packets.push_back(std::move(packet));
  }
}

std::vector<Packet> ChainWalk::through(const Chain& base, const Place& place, std::vector<Packet> packets) {
  place_ = place;
  of_nat_ = base.base && base.base->is_nat;
  rules_run_ = 0;
  accepted_.clear();
  for (Packet& packet : run(base, std::move(packets), 0)) {
    const Decision policy{&base, nullptr};
    if (base.base && base.base->drops) {
      note(packet, policy, "policy drop");
      leaves_.push_back({Leaf::Fate::Dropped, std::move(packet), policy});
      continue;
    }
    // A policy says less than a rule of the same hook that has let it through.
    const bool of_this_hook = packet.let_in.rule != nullptr && packet.let_in_hook == place.hook;
    if (!of_this_hook && !of_nat_) packet.let_in = policy, packet.let_in_hook = place.hook;
    add_merged(accepted_, std::move(packet));
  }
  return std::exchange(accepted_, {});
}

std::vector<Packet> ChainWalk::run(const Chain& chain, std::vector<Packet> packets, std::size_t depth) {
  Frame frame{{&chain, nullptr}, depth, {}, {}};
  Frame* const caller = std::exchange(frame_, &frame);
  for (const Rule& rule : chain.rules) {
    if (packets.empty()) break;
    frame.here.rule = &rule;
    rules_run_ += packets.size();
    const bool too_much = rules_run_ > kMostRules || packets.size() > kMostPackets;
    for (Packet& packet : packets) {
      if (too_much) {
        packet.reasons |= flow_.reasons.set_of("more rules and cases than are followed");
        give_up(std::move(packet));
      } else {
        RuleRun(flow_, place_, frame.here, sets_, *this).run(std::move(packet));
      }
    }
    packets.clear();
    std::swap(packets, frame.next);
  }
  for (Packet& packet : packets) add_merged(frame.fallen, std::move(packet));
  frame_ = caller;
  return std::move(frame.fallen);
}

void ChainWalk::go_on(Packet packet) {
  add_merged(frame_->next, std::move(packet));
}

void ChainWalk::decide(Packet packet, const Verdict& verdict) {
  Frame& frame = *frame_;
  note(packet, frame.here, text_of(flow_, verdict));
  switch (verdict.kind) {
    case Verdict::Kind::Accept:
      if (!of_nat_) packet.let_in = frame.here, packet.let_in_hook = place_.hook;
      add_merged(accepted_, std::move(packet));
      return;
    case Verdict::Kind::Drop:
      leaves_.push_back({Leaf::Fate::Dropped, std::move(packet), frame.here});
      return;
    case Verdict::Kind::Continue:
      add_merged(frame.next, std::move(packet));
      return;
    case Verdict::Kind::Return:
      add_merged(frame.fallen, std::move(packet));
      return;
    case Verdict::Kind::Jump:
    case Verdict::Kind::Goto:
      break;
  }
  if (frame.depth >= kMostDepth || verdict.target >= flow_.rules.chains.size()) {
    packet.reasons |= flow_.reasons.set_of("chains that call each other too deep");
    return give_up(std::move(packet));
  }
  std::vector<Packet> one;
  one.push_back(std::move(packet));
  // Who was sent there by goto comes back to where this chain was called from.
  auto& into = verdict.kind == Verdict::Kind::Jump ? frame.next : frame.fallen;
  for (Packet& back : run(flow_.rules.chains[verdict.target], std::move(one), frame.depth + 1))
    add_merged(into, std::move(back));
}

void ChainWalk::give_up(Packet packet) {
  note(packet, frame_->here, "cannot be decided");
  leaves_.push_back({Leaf::Fate::Undecided, std::move(packet), frame_->here});
}

void ChainWalk::note(Packet& packet, const Decision& at, const std::string& what) const {
  if (!flow_.with_path) return;
  packet.path = std::make_shared<const Step>(Step{packet.path, place_.hook, at, what});
}

}  // namespace sockwatch::firewall
