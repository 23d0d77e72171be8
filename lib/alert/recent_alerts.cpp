// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/recent_alerts.h"

#include <algorithm>
#include <utility>

namespace sockwatch {

void RecentAlerts::add(std::span<const Alert> alerts) {
  if (alerts.empty()) return;
  history_.reset();
  total_ += alerts.size();
  for (const Alert& alert : alerts.last(std::min(alerts.size(), kMost))) {
    if (alerts_.size() == kMost) alerts_.pop_front();
    auto kept = std::make_shared<Alert>(alert);
    // All that is ever shown of its sockets is the first.
    if (kept->listener && kept->listener->members.size() > 1) kept->listener->members.resize(1);
    alerts_.push_back(std::move(kept));
  }
}

std::shared_ptr<const AlertHistory> RecentAlerts::history() {
  if (!history_)
    history_ = std::make_shared<const AlertHistory>(AlertHistory{{alerts_.rbegin(), alerts_.rend()}, total_});
  return history_;
}

}  // namespace sockwatch
