// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/storm_fold.h"

#include <algorithm>
#include <utility>

#include "lib/alert/messages.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMaxTold = 50;
constexpr std::size_t kMaxToldOfOne = 25;
constexpr std::size_t kKeptForNewcomers = 10;
constexpr Duration kWindow = std::chrono::seconds(10);
constexpr std::size_t kMaxCulprits = 200;  // told apart
constexpr std::size_t kMaxNamed = 10;      // named in the summary

std::string culprit_of(const Alert& alert) {
  if (alert.listener) return culprit(*alert.listener);
  return alert.rule.empty() ? "sockwatch itself" : "rule " + printable(alert.rule);
}

using Culprit = std::pair<std::string, Storm::Share>;

// Those that nothing else tells of first, then the busiest.
std::vector<Culprit> by_interest(const Storm& storm) {
  std::vector<Culprit> culprits(storm.by_culprit.begin(), storm.by_culprit.end());
  std::stable_sort(culprits.begin(), culprits.end(), [](const Culprit& left, const Culprit& right) {
    if (left.second.told != right.second.told) return right.second.told;
    return left.second.alerts > right.second.alerts;
  });
  return culprits;
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
  const std::vector<Culprit> culprits = by_interest(storm);
  std::uint64_t others = storm.other_culprits;
  text += "; from ";
  for (std::size_t i = 0; i < culprits.size(); ++i) {
    if (i >= kMaxNamed) {
      others += culprits[i].second.alerts;
      continue;
    }
    text += (i == 0 ? "" : ", ") + culprits[i].first + " (" + std::to_string(culprits[i].second.alerts) + ")";
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
  if (what == "others") storm.other_culprits += *count;
  if (what == "told" || what == "untold") {
    storm.by_culprit[one_line(line)] = {*count, what == "told"};
  }
  const auto event = parse_word<Event>(line);
  if (what != "event" || !event) return;
  storm.alerts += *count;
  storm.by_event[static_cast<std::size_t>(*event)] += *count;
}

}  // namespace

std::size_t StormFold::told_of(const std::string& culprit) const {
  const auto count =
      std::count_if(told_.begin(), told_.end(), [&](const Told& told) { return told.culprit == culprit; });
  return static_cast<std::size_t>(count);
}

bool StormFold::may_pass(std::size_t already) const {
  if (already == 0) return told_.size() < kMaxTold;
  return already < kMaxToldOfOne && told_.size() < kMaxTold - kKeptForNewcomers;
}

std::vector<Alert> StormFold::pass(std::vector<Alert> alerts, Instant now) {
  while (!told_.empty() && told_.front().at + kWindow <= now.monotonic) told_.pop_front();
  std::vector<Alert> passed;
  for (Alert& alert : alerts) {
    const std::string name = culprit_of(alert);
    const std::size_t already = told_of(name);
    if (may_pass(already)) {
      told_.push_back({now.monotonic, name});
      passed.push_back(std::move(alert));
    } else {
      fold(alert, name, already > 0, now.monotonic);
    }
  }
  return passed;
}

void StormFold::fold(const Alert& alert, const std::string& name, bool told, MonotonicTime now) {
  if (!storm_) {
    storm_.emplace();
    storm_->ends = now + kWindow;
  }
  ++folded_;
  ++storm_->alerts;
  ++storm_->by_event[static_cast<std::size_t>(alert.event)];
  storm_->severity = std::max(storm_->severity, alert.severity);
  if (storm_->by_culprit.size() >= kMaxCulprits && !storm_->by_culprit.contains(name)) {
    ++storm_->other_culprits;
    return;
  }
  Storm::Share& share = storm_->by_culprit[name];
  ++share.alerts;
  share.told = share.told || told;
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
  for (const auto& [name, share] : storm_->by_culprit) {
    saved.push_back((share.told ? "told " : "untold ") + std::to_string(share.alerts) + " " + name);
  }
  saved.push_back("others " + std::to_string(storm_->other_culprits));
  return saved;
}

void StormFold::restore(const std::vector<std::string>& saved) {
  Storm storm;
  for (const std::string& line : saved) take_up(storm, line);
  if (storm.alerts > 0) storm_ = std::move(storm);
}

std::optional<MonotonicTime> StormFold::next_due() const {
  if (!storm_) return std::nullopt;
  return storm_->ends;
}

}  // namespace sockwatch
