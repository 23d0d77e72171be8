// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/alertmanager.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"
#include "lib/json/json.h"
#include "lib/model/alert_labels.h"
#include "lib/model/fields.h"

namespace sockwatch {
namespace {

// How long an alert lives unless it is told again. Also what is over at once lives that long: else nobody
// would be told, as Alertmanager waits for more alerts of a group first (group_wait, 30 s by default).
constexpr int kIntervalsAhead = 4;
constexpr int kMostInVain = 8;             // then it is the receiver, not the alerts
constexpr std::size_t kMostRaised = 1000;  // repeated; what is more ends by itself

// An entry is "VERB TIME SUBJECT", a line break, and the alert. Verbs: raise, end, once, repeat.
struct Entry {
  std::string verb;
  std::string time;
  std::string subject;
  std::string alert;
};

std::string text_of_entry(const Entry& entry) {
  return entry.verb + " " + entry.time + " " + entry.subject + "\n" + entry.alert;
}

std::optional<Entry> parse_entry(std::string_view text) {
  const std::size_t line_end = text.find('\n');
  const std::string_view line = text.substr(0, line_end);
  const std::size_t verb_end = line.find(' ');
  const std::size_t time_end = line.find(' ', verb_end + 1);
  if (line_end == text.npos || verb_end == line.npos || time_end == line.npos) return std::nullopt;
  Entry entry{std::string(line.substr(0, verb_end)),
              std::string(line.substr(verb_end + 1, time_end - verb_end - 1)),
              std::string(line.substr(time_end + 1)), std::string(text.substr(line_end + 1))};
  const bool has_alert = entry.alert.starts_with('{') && entry.alert.ends_with('}');
  const bool needs_alert = entry.verb == "raise" || entry.verb == "once";
  if (has_alert != needs_alert) return std::nullopt;
  return entry;
}

std::string object_of(const WebhookLabels& pairs) {
  std::vector<Field> fields;
  for (const auto& [name, value] : pairs) fields.push_back({name, value});
  return json_object(fields);
}

// Everything the labels do not say.
WebhookLabels annotations_of(const Alert& alert, const WebhookLabels& labels) {
  WebhookLabels annotations;
  if (!alert.message.empty()) annotations.emplace_back("summary", alert.message);
  for (const Field& field : fields_of(alert)) {
    const std::pair<std::string, std::string> pair(field.name, text_of(field.value));
    const bool said = std::find(labels.begin(), labels.end(), pair) != labels.end();
    if (!said && field.name != "message") annotations.push_back(pair);
  }
  return annotations;
}

// Alerts with equal labels are one alert to Alertmanager. Inside a text the quotes would be escaped.
std::string_view labels_in(std::string_view alert) {
  return alert.substr(0, alert.find(R"(,"annotations":)"));
}

// An end before its start would be refused; the clock may have been set back between the two.
std::string until(const std::string& alert, const std::string& starts, WallTime ends) {
  return alert.substr(0, alert.size() - 1) + R"(,"endsAt":)" + json_text(std::max(starts, to_rfc3339(ends))) +
         "}";
}

}  // namespace

std::string Alertmanager::alert_of(const Alert& alert) const {
  const WebhookLabels own = alert_labels(alert);
  WebhookLabels labels = own;
  labels.insert(labels.end(), options_.labels.begin(), options_.labels.end());
  return R"({"labels":)" + object_of(labels) + R"(,"annotations":)" + object_of(annotations_of(alert, own)) +
         R"(,"startsAt":)" + json_text(to_rfc3339(alert.time.wall)) +
         (options_.generator_url.empty() ? "" : R"(,"generatorURL":)" + json_text(options_.generator_url)) +
         "}";
}

std::string Alertmanager::render(const Alert& alert) const {
  Entry entry{"once", to_rfc3339(alert.time.wall), alert.subject, ""};
  if (!alert.subject.empty()) entry.verb = alert.tone == AlertTone::Right ? "end" : "raise";
  if (entry.verb != "end") entry.alert = alert_of(alert);
  return text_of_entry(entry);
}

std::optional<std::string> Alertmanager::body(std::string_view text, Instant now) {
  const auto entry = parse_entry(text);
  if (!entry) return std::nullopt;
  std::string alerts;
  if (entry->verb == "raise") alerts = raising(entry->subject, {entry->time, entry->alert}, now);
  if (entry->verb == "once") {
    alerts = until(entry->alert, entry->time, now.wall + kIntervalsAhead * options_.resend_interval);
  }
  if (entry->verb == "end") alerts = ending(entry->subject, entry->time);
  if (entry->verb == "repeat") alerts = repeating(now);
  return alerts.empty() ? "" : "[" + alerts + "]";
}

std::string Alertmanager::raising(const std::string& subject, const Raised& fresh, Instant now) const {
  std::string alerts =
      until(fresh.alert, fresh.starts, now.wall + kIntervalsAhead * options_.resend_interval);
  const auto before = raised_.find(subject);
  // The same place is wrong in another way now.
  if (before != raised_.end() && !single_.contains(subject) &&
      labels_in(before->second.alert) != labels_in(fresh.alert)) {
    alerts += "," + until(before->second.alert, before->second.starts, now.wall);
  }
  return alerts;
}

// Not sooner than an interval after the receiver heard of it: else an alert that waited here, and was over by
// then, would be told to nobody.
std::string Alertmanager::ending(const std::string& subject, const std::string& ended) const {
  const auto raised = raised_.find(subject);
  if (raised == raised_.end()) return "";
  const Raised& alert = raised->second;
  return until(alert.alert, std::max(alert.starts, ended), alert.accepted + options_.resend_interval);
}

std::string Alertmanager::repeating(Instant now) {
  paused_ = false;
  if (round_.empty()) {
    const auto standing = options_.standing();
    for (const auto& [subject, raised] : raised_) {
      if (standing.contains(subject)) round_.push_back(subject);
    }
  }
  std::string alerts;
  for (std::size_t i = 0; i < std::min(batch_, round_.size()); ++i) {
    const auto raised = raised_.find(round_[i]);
    if (raised == raised_.end()) continue;  // it has ended since the round began
    if (!alerts.empty()) alerts += ",";
    alerts += until(raised->second.alert, raised->second.starts,
                    now.wall + kIntervalsAhead * options_.resend_interval);
  }
  return alerts;
}

void Alertmanager::settled(std::string_view text, SendOutcome outcome, Instant now) {
  const auto entry = parse_entry(text);
  if (!entry) return;
  const bool accepted = outcome == SendOutcome::Sent;
  if (entry->verb == "repeat") repeated(outcome, now);
  if (entry->verb == "end" && outcome != SendOutcome::Refused) raised_.erase(entry->subject);
  if (entry->verb != "raise") return;
  if (!accepted && raised_.contains(entry->subject)) single_.insert(entry->subject);
  if (!accepted) return;
  single_.erase(entry->subject);
  if (raised_.size() >= kMostRaised && !raised_.contains(entry->subject)) return;
  if (raised_.empty()) next_repeat_ = now.monotonic + options_.resend_interval;
  raised_[entry->subject] = {entry->time, entry->alert, now.wall};
}

// A body that is refused is halved until the receiver takes it, down to one alert, which waits for the next
// round then.
void Alertmanager::repeated(SendOutcome outcome, Instant now) {
  const std::size_t posted = std::min(batch_, round_.size());
  if (outcome != SendOutcome::Sent && posted > 1) {
    batch_ = posted / 2;
    shrunk_ = true;
    return;
  }
  round_.erase(round_.begin(), round_.begin() + static_cast<std::ptrdiff_t>(posted));
  if (round_.empty()) return end_round(now);
  vain_ = outcome == SendOutcome::Sent ? 0 : vain_ + 1;
  if (vain_ < kMostInVain) return;
  vain_ = 0;
  paused_ = true;
  next_repeat_ = now.monotonic + options_.resend_interval;
}

// What did not stand twice is forgotten. Not at once: the entry that ends it may be next in the queue.
void Alertmanager::end_round(Instant now) {
  if (!std::exchange(shrunk_, false)) batch_ = std::min(batch_ * 2, kMostAtOnce);
  next_repeat_ = now.monotonic + options_.resend_interval;
  const auto standing = options_.standing();
  for (auto at = raised_.begin(); at != raised_.end();) {
    const bool stands = standing.contains(at->first);
    const bool forgotten = !stands && !at->second.stood;
    at->second.stood = stands;
    at = forgotten ? raised_.erase(at) : std::next(at);
  }
}

std::optional<MonotonicTime> Alertmanager::next_repeat() const {
  if (raised_.empty()) return std::nullopt;
  return round_.empty() || paused_ ? next_repeat_ : MonotonicTime{};
}

std::string Alertmanager::repetition() const {
  return text_of_entry({"repeat", "", "", ""});
}

std::vector<std::string> Alertmanager::memory() const {
  std::vector<std::string> entries;
  for (const auto& [subject, raised] : raised_) {
    entries.push_back(text_of_entry({"raise", raised.starts, subject, raised.alert}));
  }
  return entries;
}

void Alertmanager::recall(std::vector<std::string> memory) {
  for (const std::string& text : memory) {
    auto entry = parse_entry(text);
    if (!entry || entry->verb != "raise" || raised_.size() >= kMostRaised) continue;
    raised_[entry->subject] = {std::move(entry->time), std::move(entry->alert)};
  }
}

}  // namespace sockwatch
