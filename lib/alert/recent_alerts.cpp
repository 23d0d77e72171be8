// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/recent_alerts.h"

#include <algorithm>
#include <utility>

namespace sockwatch {
namespace {

// As many processes as anybody reads of.
constexpr std::size_t kHolders = 16;

void keep_what_is_shown(Owner& owner) {
  owner.others = {};
  if (owner.holders.size() > kHolders)
    owner.holders = {owner.holders.begin(), owner.holders.begin() + kHolders};
}

// Of its sockets the first; of its owners the one that the alert is about.
void keep_what_is_shown(Listener& listener) {
  if (listener.members.size() > 1) listener.members = {listener.members.front()};
  listener.sharers = {};
  listener.predecessor.reset();
  keep_what_is_shown(listener.annotation.owner);
}

}  // namespace

void RecentAlerts::add(std::span<const Alert> alerts) {
  if (alerts.empty()) return;
  history_.reset();
  total_ += alerts.size();
  for (const Alert& alert : alerts.last(std::min(alerts.size(), kMost))) {
    if (alerts_.size() == kMost) alerts_.pop_front();
    auto kept = std::make_shared<Alert>(alert);
    if (kept->listener) keep_what_is_shown(*kept->listener);
    if (kept->other) keep_what_is_shown(*kept->other);
    alerts_.push_back(std::move(kept));
  }
}

std::shared_ptr<const AlertHistory> RecentAlerts::history() {
  if (!history_)
    history_ = std::make_shared<const AlertHistory>(AlertHistory{{alerts_.rbegin(), alerts_.rend()}, total_});
  return history_;
}

}  // namespace sockwatch
