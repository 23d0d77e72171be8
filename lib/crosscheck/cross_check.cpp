// SPDX-License-Identifier: Apache-2.0
#include "lib/crosscheck/cross_check.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sockwatch {
namespace {

// A denial lies in the middle round; the claims around it are in the rounds beside it or in its own.
constexpr std::size_t kWindow = 3;

bool same_port(const PortClaim& one, const PortClaim& other) {
  return one.protocol == other.protocol && one.port == other.port;
}

bool shows_port(const std::vector<PortClaim>& reading, const PortClaim& claim) {
  const auto at = std::lower_bound(reading.begin(), reading.end(), PortClaim{claim.protocol, claim.port, 0});
  return at != reading.end() && same_port(*at, claim);
}

}  // namespace

CrossCheck::CrossCheck(std::vector<PortWitness*> witnesses, std::function<void()> pause,
                       std::function<Duration()> cpu_time, Duration budget)
    : witnesses_(std::move(witnesses)),
      pause_(std::move(pause)),
      cpu_time_(std::move(cpu_time)),
      budget_(budget) {}

CrossCheck::Result CrossCheck::run() {
  Result result;
  const Duration began = cpu_time_();
  rounds_.clear();
  std::vector<HiddenPort> suspects;
  for (int confirmed = 0; confirmed < kConfirmations;) {
    if (result.rounds > 0) pause_();
    if (cpu_time_() - began > budget_) {
      result.unseen.push_back(
          {"hidden listeners", "more sockets than can be compared within the CPU budget"});
      return result;
    }
    if (!read_round(result) || witnesses_.size() < 2) return result;
    if (rounds_.size() < kWindow) continue;
    std::vector<HiddenPort> denied = denied_in_middle_round();
    if (confirmed++ == 0) {
      suspects = std::move(denied);
    } else {
      std::vector<HiddenPort> still;
      std::set_intersection(suspects.begin(), suspects.end(), denied.begin(), denied.end(),
                            std::back_inserter(still));
      suspects = std::move(still);
    }
    if (suspects.empty()) return result;
  }
  result.hidden = std::move(suspects);
  return result;
}

// A witness that fails is left out from then on, and what it has said so far with it.
bool CrossCheck::read_round(Result& result) {
  std::vector<Reading> round;
  for (std::size_t i = 0; i < witnesses_.size();) {
    auto claims = witnesses_[i]->ask();
    if (!claims.ok()) {
      result.unseen.push_back({std::string(witnesses_[i]->name()), claims.error().message});
      witnesses_.erase(witnesses_.begin() + static_cast<std::ptrdiff_t>(i));
      rounds_.clear();
      round.clear();
      if (witnesses_.size() < 2) return false;
      i = 0;
      continue;
    }
    std::sort(claims->begin(), claims->end());
    round.push_back(*std::move(claims));
    ++i;
  }
  rounds_.push_back(std::move(round));
  if (rounds_.size() > kWindow) rounds_.erase(rounds_.begin());
  ++result.rounds;
  return true;
}

std::vector<HiddenPort> CrossCheck::denied_in_middle_round() const {
  std::vector<HiddenPort> found;
  for (std::size_t denier = 0; denier < witnesses_.size(); ++denier) {
    if (!witnesses_[denier]->may_deny()) continue;
    for (std::size_t claimant = 0; claimant < witnesses_.size(); ++claimant) {
      if (claimant != denier) compare(denier, claimant, found);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void CrossCheck::compare(std::size_t denier, std::size_t claimant, std::vector<HiddenPort>& found) const {
  const Reading& denial = rounds_[1][denier];
  // The claimant's readings right before and right after it.
  const Reading& before = rounds_[claimant < denier ? 1 : 0][claimant];
  const Reading& after = rounds_[claimant < denier ? 2 : 1][claimant];
  for (const PortClaim& claim : before) {
    if (shows_port(denial, claim) || !std::binary_search(after.begin(), after.end(), claim)) continue;
    found.push_back({claim.protocol, claim.port, std::string(witnesses_[denier]->name()),
                     std::string(witnesses_[claimant]->name())});
  }
}

}  // namespace sockwatch
