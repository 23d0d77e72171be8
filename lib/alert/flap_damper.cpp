// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/flap_damper.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRounds = 5;
constexpr Duration kWindow = 1h;
constexpr Duration kCalm = 10min;
constexpr Duration kReminder = 1h;        // while it is never calm
constexpr Duration kStands = 1min;        // what is open for so long is told, however it came to be
constexpr std::size_t kMostFlaps = 4096;  // those beyond are told one by one

bool is_a_round(const Alert& alert) {
  const EventRound round = row_of(alert.event).round;
  return round == EventRound::Always || (round == EventRound::WhenWrong && alert.tone == AlertTone::Wrong);
}

// Somebody's decision, and no doing of the listener.
bool is_accepted(const Alert& alert) {
  return alert.event == Event::ListenerOpened && alert.tone == AlertTone::Right;
}

std::string alerts_before(std::uint64_t number) {
  return std::to_string(number) + (number == 1 ? " alert" : " alerts") + " about it before";
}

}  // namespace

std::vector<Alert> FlapDamper::pass(std::vector<Alert> alerts, Instant now) {
  for (Alert& alert : alerts) {
    const std::string key = key_of_(alert);
    const bool begins = is_a_round(alert) && flaps_.size() < kMostFlaps;
    supersede(alert, key);
    if (!key.empty() && (begins || flaps_.contains(key))) {
      take(key, std::move(alert), now);
    } else {
      told_.push_back(std::move(alert));
    }
  }
  for (auto& [key, flap] : flaps_) {
    if (!flap.damped) continue;
    const bool calm = now.monotonic - flap.active >= kCalm;
    const bool due = calm || now.monotonic - flap.told >= kReminder;
    if (due) flap.told = now.monotonic;
    summarise(flap, now, due ? &is_anything : &has_stood);
    flap.damped = !calm;
  }
  std::erase_if(flaps_, [&](const auto& entry) {
    const Flap& flap = entry.second;
    return !flap.damped && (flap.rounds.empty() || now.monotonic - flap.rounds.back() >= kWindow);
  });
  return std::exchange(told_, {});
}

std::vector<Alert> FlapDamper::finish(Instant now) {
  for (auto& [key, flap] : flaps_) {
    flap.told = now.monotonic;
    summarise(flap, now, &is_anything);
  }
  return std::exchange(told_, {});
}

std::vector<Alert> FlapDamper::withheld() const {
  std::vector<Alert> alerts;
  for (const auto& [key, flap] : flaps_) {
    for (const auto& [subject, last] : flap.last) alerts.push_back(last.alert);
  }
  return alerts;
}

// What another owner does in the same place says how things stand there now: what was withheld of the one
// before must not be told after it. So does a change of owner, which is told at every turn: noise is a way to
// hide one.
void FlapDamper::supersede(const Alert& alert, const std::string& key) {
  const auto from = withheld_from_.find(alert.subject);
  if (from == withheld_from_.end()) return;
  if (from->second == key && alert.event != Event::OwnerChanged) return;
  Flap& flap = flaps_.at(from->second);
  flap.last.erase(alert.subject);
  withheld_from_.erase(from);
  ++flap.folded;
  ++folded_;
}

void FlapDamper::take(const std::string& key, Alert alert, Instant now) {
  Flap& flap = flaps_[key];
  if (is_accepted(alert)) {
    for (const auto& [subject, last] : flap.last) withheld_from_.erase(subject);
    flap = {};
    return told_.push_back(std::move(alert));
  }
  if (alert.event == Event::OwnerChanged) return told_.push_back(std::move(alert));
  if (flap.damped) return withhold(key, std::move(alert), now);
  if (is_a_round(alert)) {
    std::erase_if(flap.rounds, [&](MonotonicTime at) { return now.monotonic - at >= kWindow; });
    flap.rounds.push_back(now.monotonic);
    if (flap.rounds.size() >= kRounds) {
      flap.damped = true;
      flap.told = flap.active = now.monotonic;
      alert.message +=
          "; number " + std::to_string(kRounds) + " within " +
          to_string(std::chrono::floor<std::chrono::seconds>(now.monotonic - flap.rounds.front())) +
          ": the next are told in one, hourly and when it has been calm for " + to_string(kCalm);
      flap.rounds.pop_front();
    }
  }
  told_.push_back(std::move(alert));
}

void FlapDamper::withhold(const std::string& key, Alert alert, Instant now) {
  Flap& flap = flaps_.at(key);
  if (is_a_round(alert)) {
    flap.rounds.push_back(now.monotonic);
    flap.rounds.pop_front();
  }
  flap.active = now.monotonic;
  const auto [standing, is_first] = flap.last.try_emplace(alert.subject);
  if (!is_first) {
    ++flap.folded;
    ++folded_;
  }
  if (!alert.subject.empty()) withheld_from_[alert.subject] = key;
  standing->second = {std::move(alert), now.monotonic};
}

void FlapDamper::summarise(Flap& flap, Instant now, bool (*is_due)(const Withheld&, MonotonicTime)) {
  for (auto last = flap.last.begin(); last != flap.last.end();) {
    if (!is_due(last->second, now.monotonic)) {
      ++last;
      continue;
    }
    withheld_from_.erase(last->first);
    tell(flap, std::move(last->second.alert));
    last = flap.last.erase(last);
  }
}

void FlapDamper::tell(Flap& flap, Alert alert) {
  if (flap.folded > 0)
    alert.message += "; " + alerts_before(std::exchange(flap.folded, 0)) + " folded into this one";
  told_.push_back(std::move(alert));
}

bool FlapDamper::is_anything(const Withheld&, MonotonicTime) {
  return true;
}

bool FlapDamper::has_stood(const Withheld& last, MonotonicTime now) {
  const Alert& alert = last.alert;
  return alert.tone == AlertTone::Wrong && !alert.subject.empty() && now - last.since >= kStands;
}

}  // namespace sockwatch
