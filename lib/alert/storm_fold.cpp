// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/storm_fold.h"

#include <algorithm>
#include <utility>

#include "lib/alert/origin.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMaxTold = 40;  // of origins that have had a few
constexpr std::size_t kFew = 3;
constexpr std::size_t kMaxToldOfFew = 100;  // of origins that have had one
constexpr std::size_t kMaxToldOfOne = 25;
constexpr std::size_t kMaxToldEver = 1000;  // a tenth of what journald takes; nobody can be so many origins
constexpr Duration kWindow = std::chrono::seconds(10);
constexpr std::size_t kMaxOrigins = 200;  // told apart
constexpr std::size_t kMaxNamed = 10;     // named in the summary
constexpr std::size_t kMaxLate = 25;      // a window
constexpr std::size_t kMaxLateOfOne = 10;

using Share = std::pair<std::string, Storm::Share>;

// Those that nothing else tells of first, then the busiest.
std::vector<Share> by_interest(const Storm& storm) {
  std::vector<Share> origins(storm.by_origin.begin(), storm.by_origin.end());
  std::stable_sort(origins.begin(), origins.end(), [](const Share& left, const Share& right) {
    if (left.second.told != right.second.told) return right.second.told;
    return left.second.alerts > right.second.alerts;
  });
  return origins;
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
  const std::vector<Share> origins = by_interest(storm);
  std::uint64_t others = storm.other_origins;
  text += "; from ";
  for (std::size_t i = 0; i < origins.size(); ++i) {
    if (i >= kMaxNamed) {
      others += origins[i].second.alerts;
      continue;
    }
    text += (i == 0 ? "" : ", ") + origins[i].first + " (" + std::to_string(origins[i].second.alerts) + ")";
  }
  if (others > 0) text += " and others (" + std::to_string(others) + ")";
  return text;
}

// One line of StormFold::save().
void take_up(Storm& storm, std::string_view line) {
  const auto next_word = [&line] {
    const std::string_view found = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(found.size() + 1, line.size()));
    return found;
  };
  const std::string_view what = next_word();
  if (what == "severity") {
    storm.severity = parse_word<Severity>(line).value_or(storm.severity);
    return;
  }
  const auto count = parse_integer<std::uint32_t>(next_word());
  if (!count) return;
  if (what == "others") storm.other_origins += *count;
  if (what == "told" || what == "untold") {
    storm.by_origin[one_line(line)] = {*count, what == "told"};
  }
  const auto event = parse_word<Event>(line);
  if (what != "event" || !event) return;
  storm.alerts += *count;
  storm.by_event[static_cast<std::size_t>(*event)] += *count;
}

}  // namespace

bool StormFold::may_pass(std::size_t already) const {
  if (already == 0) return told_.size() < kMaxToldEver;
  if (already < kFew) return told_.size() < kMaxToldOfFew;
  return already < kMaxToldOfOne && told_.size() < kMaxTold;
}

void StormFold::forget_old(MonotonicTime now) {
  while (!told_.empty() && told_.front().at + kWindow <= now) {
    const auto told = told_of_.find(told_.front().origin);
    if (--told->second == 0) told_of_.erase(told);
    told_.pop_front();
  }
}

std::vector<Alert> StormFold::pass(std::vector<Alert> alerts, Instant now) {
  forget_old(now.monotonic);
  std::vector<Alert> passed;
  for (Alert& alert : alerts) {
    const std::string origin = origin_of(alert);
    const auto told = told_of_.find(origin);
    const std::size_t already = told == told_of_.end() ? 0 : told->second;
    held_.drop(alert.subject);
    if (may_pass(already)) {
      ++told_of_[origin];
      told_.push_back({now.monotonic, origin});
      passed.push_back(std::move(alert));
    } else {
      fold(alert, origin, already > 0, now.monotonic);
      if (alert.tone == AlertTone::Wrong && !alert.subject.empty()) held_.add(std::move(alert), origin);
    }
  }
  return passed;
}

void StormFold::fold(const Alert& alert, const std::string& origin, bool told, MonotonicTime now) {
  if (!storm_) {
    storm_.emplace();
    storm_->ends = now + kWindow;
  }
  if (held_.empty()) late_at_ = std::max(late_at_, storm_->ends + kWindow);
  ++folded_;
  ++storm_->alerts;
  ++storm_->by_event[static_cast<std::size_t>(alert.event)];
  storm_->severity = std::max(storm_->severity, alert.severity);
  if (storm_->by_origin.size() >= kMaxOrigins && !storm_->by_origin.contains(origin)) {
    ++storm_->other_origins;
    return;
  }
  Storm::Share& share = storm_->by_origin[origin];
  ++share.alerts;
  share.told = share.told || told;
}

std::vector<Alert> StormFold::due(Instant now) {
  if (!storm_ || now.monotonic < storm_->ends) return {};
  return finish(now);
}

// Also while a storm goes on: whoever could keep one up for ever could hide in it for ever.
std::vector<Alert> StormFold::late(const std::set<std::string>& standing, Instant now) {
  if (!is_late_due(now)) return {};
  held_.keep_only(standing);
  std::vector<Alert> alerts = held_.take(kMaxLate, kMaxLateOfOne);
  for (Alert& alert : alerts) alert.message += "; it was folded into another alert before, and still stands";
  late_at_ = now.monotonic + kWindow;
  return alerts;
}

std::vector<Alert> StormFold::finish(Instant now) {
  if (!storm_) return {};
  Alert summary;
  summary.event = Event::AlertsFolded;
  summary.severity = storm_->severity;
  summary.time = now;
  summary.message = message_of(*storm_);
  summary.folded = storm_->alerts;
  storm_.reset();
  return {std::move(summary)};
}

// "severity warning", "event 118 listener-opened", "told 80 nc", "untold 2 other.service", "others 10".
std::vector<std::string> StormFold::save() const {
  std::vector<std::string> saved;
  if (!storm_) return saved;
  saved.push_back("severity " + std::string(word(storm_->severity)));
  for (const Event event : all_of<Event>()) {
    const std::uint64_t count = storm_->by_event[static_cast<std::size_t>(event)];
    if (count > 0) saved.push_back("event " + std::to_string(count) + " " + std::string(word(event)));
  }
  for (const auto& [name, share] : storm_->by_origin) {
    saved.push_back((share.told ? "told " : "untold ") + std::to_string(share.alerts) + " " + name);
  }
  saved.push_back("others " + std::to_string(storm_->other_origins));
  return saved;
}

void StormFold::restore(const std::vector<std::string>& saved) {
  Storm storm;
  for (const std::string& line : saved) take_up(storm, line);
  if (storm.alerts > 0) storm_ = std::move(storm);
}

std::optional<MonotonicTime> StormFold::next_due() const {
  std::optional<MonotonicTime> next;
  if (storm_) next = storm_->ends;
  if (!held_.empty()) next = std::min(next.value_or(late_at_), late_at_);
  return next;
}

}  // namespace sockwatch
