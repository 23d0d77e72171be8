// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/storm_fold.h"

#include <algorithm>
#include <utility>

#include "lib/alert/messages.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMaxTold = 50;
constexpr Duration kWindow = std::chrono::seconds(10);
constexpr std::size_t kMaxCulprits = 200;  // told apart
constexpr std::size_t kMaxNamed = 10;      // named in the summary

std::string culprit_of(const Alert& alert) {
  if (alert.listener) return culprit(*alert.listener);
  return alert.rule.empty() ? "sockwatch itself" : "rule " + printable(alert.rule);
}

// "120 more alerts were folded into this one: 118 listener-opened, 2 listener-closed; from nc (80), …"
std::string message_of(const Storm& storm) {
  std::string text = std::to_string(storm.alerts) + " more alerts were folded into this one:";
  for (const Event event : all_of<Event>()) {
    const std::uint64_t count = storm.by_event[static_cast<std::size_t>(event)];
    if (count == 0) continue;
    if (!text.ends_with(':')) text += ',';
    text += " " + std::to_string(count) + " " + std::string(word(event));
  }
  using Culprit = std::pair<std::string, std::uint64_t>;
  std::vector<Culprit> culprits(storm.by_culprit.begin(), storm.by_culprit.end());
  std::stable_sort(culprits.begin(), culprits.end(),
                   [](const Culprit& left, const Culprit& right) { return left.second > right.second; });
  std::uint64_t others = storm.other_culprits;
  text += "; from ";
  for (std::size_t i = 0; i < culprits.size(); ++i) {
    if (i >= kMaxNamed) {
      others += culprits[i].second;
      continue;
    }
    text += (i == 0 ? "" : ", ") + culprits[i].first + " (" + std::to_string(culprits[i].second) + ")";
  }
  if (others > 0) text += " and others (" + std::to_string(others) + ")";
  return text;
}

}  // namespace

std::vector<Alert> StormFold::pass(std::vector<Alert> alerts, Instant now) {
  while (!told_.empty() && told_.front() + kWindow <= now.monotonic) told_.pop_front();
  const std::size_t room = std::min(kMaxTold - told_.size(), alerts.size());
  told_.insert(told_.end(), room, now.monotonic);
  for (std::size_t i = room; i < alerts.size(); ++i) fold(alerts[i], now.monotonic);
  alerts.resize(room);
  return alerts;
}

void StormFold::fold(const Alert& alert, MonotonicTime now) {
  if (!storm_) {
    storm_.emplace();
    storm_->ends = now + kWindow;
  }
  ++folded_;
  ++storm_->alerts;
  ++storm_->by_event[static_cast<std::size_t>(alert.event)];
  storm_->severity = std::max(storm_->severity, alert.severity);
  const std::string name = culprit_of(alert);
  if (storm_->by_culprit.size() < kMaxCulprits || storm_->by_culprit.contains(name)) {
    ++storm_->by_culprit[name];
  } else {
    ++storm_->other_culprits;
  }
}

std::vector<Alert> StormFold::due(Instant now) {
  if (!storm_ || now.monotonic < storm_->ends) return {};
  return finish(now);
}

std::vector<Alert> StormFold::finish(Instant now) {
  if (!storm_) return {};
  Alert summary;
  summary.event = Event::ListenerOpened;
  summary.severity = storm_->severity;
  summary.time = now;
  summary.message = message_of(*storm_);
  storm_.reset();
  return {std::move(summary)};
}

std::optional<MonotonicTime> StormFold::next_due() const {
  if (!storm_) return std::nullopt;
  return storm_->ends;
}

}  // namespace sockwatch
