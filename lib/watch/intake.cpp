// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/intake.h"

#include <algorithm>
#include <utility>

#include "lib/annotate/scope.h"
#include "lib/policy/judge.h"

namespace sockwatch {
namespace {

// Origins told apart; sockets of further ones are counted together.
constexpr std::size_t kMostOrigins = 4096;
constexpr std::size_t kMostTurnedAway = std::size_t{1} << 20;
constexpr std::size_t kShownOrigins = 16;

}  // namespace

void Intake::start(const Policy& policy, const Ledger& ledger) {
  policy_ = &policy;
  ledger_ = &ledger;
  counted_ = false;
  by_user_.clear();
  by_group_.clear();
  of_known_.clear();
  turned_away_.clear();
  fresh_.clear();
}

bool Intake::admits(const SocketRecord& record, std::span<const SocketRecord> kept) {
  if (policy_ == nullptr) return true;
  if (is_ignored_by_kind(*policy_, record)) {
    ++fresh_[{record.id.name_space, record.protocol, scope_of(record.protocol, record.local), false, 0, 0}];
    return false;
  }
  // As long as nobody can have more than his share, nobody is asked.
  if (!counted_ && ledger_->sockets() + kept.size() < max_sockets_ / 4) return true;
  if (!counted_) count(kept);
  if (has_room(record)) return true;
  turn_away(record);
  return false;
}

void Intake::count(std::span<const SocketRecord> kept) {
  counted_ = true;
  total_ = ledger_->sockets();
  ledger_->for_each_kept([this](const Listener& listener) {
    const SocketRecord& first = listener.members.front();
    by_user_[first.uid] += listener.members.size();
    by_group_[group_of(first)] += listener.members.size();
  });
  for (const SocketRecord& record : kept) (void)has_room(record);  // for the count: there was room
}

bool Intake::has_room(const SocketRecord& record) {
  // A known listener keeps as many sockets as it had: what restarts is no newcomer.
  if (const Listener* known = ledger_->find(record)) {
    std::size_t& met = of_known_[known];
    if (met < known->members.size()) {
      ++met;
      return true;
    }
  }
  const std::size_t free = max_sockets_ - std::min(total_, max_sockets_);
  std::size_t& of_user = by_user_[record.uid];
  if (of_user >= free) return false;
  const std::size_t free_of_user = max_sockets_ / 2 - std::min(of_user, max_sockets_ / 2);
  std::size_t& of_group = by_group_[group_of(record)];
  if (of_group >= free_of_user) return false;
  ++of_user;
  ++of_group;
  ++total_;
  return true;
}

// A crowd of helpers' ports on loopback takes no place from a service of the same unit.
Intake::Group Intake::group_of(const SocketRecord& record) {
  return {record.uid, record.cgroup_id, record.bind,
          scope_of(record.protocol, record.local) == Scope::Loopback};
}

void Intake::turn_away(const SocketRecord& record) {
  if (turned_away_.size() < kMostTurnedAway) turned_away_.push_back(record.id);
  Counted where{record.id.name_space, record.protocol, Scope::Any, true, record.uid, record.cgroup_id};
  const bool told_apart = fresh_.size() < kMostOrigins || fresh_.contains(where);
  if (!told_apart) where = {record.id.name_space, record.protocol, Scope::Any, true, ~std::uint32_t{0}, 0};
  ++fresh_[where];
}

void Intake::finish(Snapshot& snapshot) {
  std::erase_if(counts_, [&](const auto& entry) {
    return snapshot.proves_absence(entry.first.name_space, entry.first.protocol);
  });
  for (const auto& [where, count] : fresh_) {
    std::uint64_t& now = counts_[where];
    now = std::max(now, count);
  }
  std::sort(turned_away_.begin(), turned_away_.end());
  snapshot.turned_away = std::move(turned_away_);
  turned_away_.clear();
}

CrowdCounts Intake::counts() const {
  CrowdCounts all;
  std::map<std::pair<Protocol, Scope>, std::uint64_t> aggregate;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> origins;
  for (const auto& [where, count] : counts_) {
    if (where.over_limit) {
      origins[{where.uid, where.cgroup_id}] += count;
      all.sockets_over_limit += count;
    } else {
      aggregate[{where.protocol, where.scope}] += count;
    }
  }
  for (const auto& [kind, count] : aggregate) all.aggregate.push_back({kind.first, kind.second, count});
  for (const auto& [origin, count] : origins)
    all.over_limit.push_back({origin.first, origin.second, {}, {}, count});
  std::stable_sort(all.over_limit.begin(), all.over_limit.end(),
                   [](const OverLimit& a, const OverLimit& b) { return a.sockets > b.sockets; });
  if (all.over_limit.size() > kShownOrigins) all.over_limit.resize(kShownOrigins);
  return all;
}

}  // namespace sockwatch
