// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/owner_checks.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sockwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// No owner is asked more often than this.
constexpr Duration kPass = seconds(1);
// Of the time since the last call, one part in this many; and so much at a time.
constexpr int kShare = 200;
constexpr Duration kLeast = std::chrono::microseconds(300);
constexpr Duration kMost = milliseconds(5);

// A search of all processes goes on so far between two polls.
constexpr int kSearchParts = 4;
constexpr std::size_t kSearchSteps = 1'000;  // in a part

// A census costs what all open files of the machine cost.
constexpr Duration kBetweenCensuses = seconds(3);
constexpr int kCensusShare = 100;
constexpr std::size_t kCensusSteps = 250;  // in a part
constexpr int kCensusParts = 8;            // in a poll

constexpr Duration kFirstRetry = seconds(10);
constexpr Duration kLongestRetry = std::chrono::minutes(10);

bool has_owner_to_ask(const Listener& listener) {
  return !listener.only_counted() && listener.members.front().inode != 0;
}

bool was_sought_in_vain(const Listener& listener) {
  const OwnerState state = listener.annotation.owner.state;
  return state != OwnerState::Known && state != OwnerState::Kernel && state != OwnerState::Budget &&
         state != OwnerState::NoPermission;
}

}  // namespace

std::vector<ListenerKey> OwnerChecks::due(const Ledger& ledger, Annotator& annotator, MonotonicTime now) {
  if (stage_ == Stage::Search) stage_ = Stage::Known;  // whoever asks now will go on with it
  while (step(ledger, annotator, now)) {
  }
  stage_ = Stage::Search;
  search_parts_ = 0;
  std::sort(due_.begin(), due_.end());
  due_.erase(std::unique(due_.begin(), due_.end()), due_.end());
  return std::exchange(due_, {});
}

bool OwnerChecks::step(const Ledger& ledger, Annotator& annotator, MonotonicTime now) {
  OwnerResolver* owners = annotator.owners();
  if (owners == nullptr) return false;
  switch (stage_) {
    case Stage::Search:
      if (search_parts_++ < kSearchParts && owners->go_on(kSearchSteps)) return true;
      stage_ = Stage::Known;
      [[fallthrough]];
    case Stage::Known:
      ask_known(ledger, annotator, now);
      census_parts_ = kCensusParts;
      stage_ = Stage::Census;
      return true;
    case Stage::Census:
      if (counting_ ? !go_on_with_census(ledger, *owners, now) : !begin_census(ledger, *owners, now))
        stage_ = Stage::Done;
      return stage_ == Stage::Census;
    case Stage::Done:
      return false;
  }
  return false;
}

// From where the last call stood. A pass that has ended begins anew a second after it began.
void OwnerChecks::ask_known(const Ledger& ledger, const Annotator& annotator, MonotonicTime now) {
  const Duration budget = std::clamp<Duration>((now - last_call_) / kShare, kLeast, kMost);
  last_call_ = now;
  if (!last_asked_) {
    if (now - pass_began_ < kPass) return;
    pass_began_ = now;
  }
  const Duration deadline = thread_cpu_time() + budget;
  ProcessesNow processes;
  bool stopped = false;
  ledger.for_each([&](const Listener& listener) {
    if (stopped || (last_asked_ && !(*last_asked_ < listener.key)) || !has_owner_to_ask(listener)) return;
    if (!annotator.is_current(listener, processes)) due_.push_back(listener.key);
    retry_unknown(listener, now);
    last_asked_ = listener.key;
    stopped = thread_cpu_time() >= deadline;
  });
  if (!stopped) last_asked_.reset();
}

void OwnerChecks::retry_unknown(const Listener& listener, MonotonicTime now) {
  if (!was_sought_in_vain(listener)) {
    retries_.erase(listener.key);
    return;
  }
  const auto [retry, added] = retries_.try_emplace(listener.key, Retry{now + kFirstRetry, kFirstRetry});
  if (added || now < retry->second.next) return;
  retry->second.interval = std::min(retry->second.interval * 2, kLongestRetry);
  retry->second.next = now + retry->second.interval;
  due_.push_back(listener.key);
}

bool OwnerChecks::begin_census(const Ledger& ledger, OwnerResolver& owners, MonotonicTime now) {
  if (now < next_census_) return false;
  std::vector<SocketFile> sockets;
  ledger.for_each([&](const Listener& listener) {
    if (has_owner_to_ask(listener))
      sockets.insert(sockets.end(), listener.members.begin(), listener.members.end());
  });
  next_census_ = now + kBetweenCensuses;
  std::erase_if(retries_, [&ledger](const auto& entry) { return !ledger.is_shown(entry.first); });
  if (sockets.empty()) return false;
  owners.begin_census(std::move(sockets));
  counting_ = true;
  census_took_ = {};
  return true;
}

// Whether this poll shall go on with it.
bool OwnerChecks::go_on_with_census(const Ledger& ledger, OwnerResolver& owners, MonotonicTime now) {
  const Duration before = thread_cpu_time();
  const auto changed = owners.go_on_with_census(kCensusSteps);
  census_took_ += thread_cpu_time() - before;
  if (!changed) return --census_parts_ > 0;
  counting_ = false;
  next_census_ = now + std::max<Duration>(kBetweenCensuses, census_took_ * kCensusShare);
  if (!changed->empty()) note_changed(ledger, *changed);
  return false;
}

void OwnerChecks::note_changed(const Ledger& ledger, const std::vector<std::uint32_t>& inodes) {
  std::vector<std::uint32_t> sorted = inodes;
  std::sort(sorted.begin(), sorted.end());
  ledger.for_each([&](const Listener& listener) {
    const bool changed =
        std::any_of(listener.members.begin(), listener.members.end(), [&](const SocketRecord& member) {
          return std::binary_search(sorted.begin(), sorted.end(), member.inode);
        });
    if (changed) due_.push_back(listener.key);
  });
}

}  // namespace sockwatch
