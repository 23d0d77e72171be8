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
constexpr Duration kReminder = 1h;         // while it is never calm
constexpr std::size_t kMostPlaces = 4096;  // those beyond are told one by one

bool is_a_round(const Alert& alert) {
  switch (alert.event) {
    case Event::ListenerOpened:
    case Event::SecondOwner:
      return alert.tone == AlertTone::Wrong;
    case Event::ListenerShortLived:
      return true;
    default:
      return false;
  }
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
    const std::string place = place_of_(alert);
    const bool begins = is_a_round(alert) && flaps_.size() < kMostPlaces;
    if (!place.empty() && (begins || flaps_.contains(place))) {
      take(flaps_[place], std::move(alert), now);
    } else {
      told_.push_back(std::move(alert));
    }
  }
  for (auto& [place, flap] : flaps_) {
    if (!flap.damped) continue;
    const bool calm = now.monotonic - flap.active >= kCalm;
    if (calm || now.monotonic - flap.told >= kReminder) summarise(flap, now);
    flap.damped = !calm;
  }
  std::erase_if(flaps_, [&](const auto& entry) {
    const Flap& flap = entry.second;
    return !flap.damped && (flap.rounds.empty() || now.monotonic - flap.rounds.back() >= kWindow);
  });
  return std::exchange(told_, {});
}

std::vector<Alert> FlapDamper::finish(Instant now) {
  for (auto& [place, flap] : flaps_) {
    if (flap.damped) summarise(flap, now);
  }
  return std::exchange(told_, {});
}

void FlapDamper::take(Flap& flap, Alert alert, Instant now) {
  if (is_accepted(alert)) {
    flap = {};
    return told_.push_back(std::move(alert));
  }
  if (alert.event == Event::OwnerChanged) {
    // Told at every turn: noise is a way to hide one. It takes the place of what was not told yet.
    const std::size_t replaced = alert.subject.empty() ? 0 : flap.last.erase(alert.subject);
    flap.folded += replaced;
    folded_ += replaced;
    return told_.push_back(std::move(alert));
  }
  if (flap.damped) return withhold(flap, std::move(alert), now);
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

void FlapDamper::withhold(Flap& flap, Alert alert, Instant now) {
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
  standing->second = std::move(alert);
}

void FlapDamper::summarise(Flap& flap, Instant now) {
  for (auto& [subject, alert] : flap.last) {
    if (flap.folded > 0)
      alert.message += "; " + alerts_before(std::exchange(flap.folded, 0)) + " folded into this one";
    told_.push_back(std::move(alert));
  }
  flap.last.clear();
  flap.told = now.monotonic;
}

}  // namespace sockwatch
