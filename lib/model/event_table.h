// SPDX-License-Identifier: Apache-2.0
// The things that happen, by name, and what is to know of each kind: one table (events.def) that counting,
// the journal, the page, the catalogs' check and the documentation read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/base/words.h"

namespace sockwatch {

enum class Event : std::uint8_t {
#define EVENT(id, ...) id,
#include "lib/model/events.def"
#undef EVENT
};

// Wrong is what needs a person; Right is what is back to normal.
enum class AlertTone : std::uint8_t { Wrong, Right };
template <>
struct Words<AlertTone> {
  static constexpr std::array<std::string_view, 2> values = {"wrong", "right"};
};

// What an event is about. What is about a listener has its verdict and is counted by it.
enum class EventAbout : std::uint8_t { Listener, Rule, Port, Monitor };
template <>
struct Words<EventAbout> {
  static constexpr std::array<std::string_view, 4> values = {"listener", "rule", "port", "monitor"};
};

enum class EventRound : std::uint8_t { Never, WhenWrong, Always };

struct EventRow {
  std::string_view word;
  std::string_view message_id;  // of the journal; empty: only counted
  EventAbout about;
  EventRound round;
  std::string_view meaning;
};

// Indexed by Event.
inline constexpr std::array kEventTable = {
#define EVENT(id, word, message_id, about, round, meaning) \
  EventRow{word, message_id, EventAbout::about, EventRound::round, meaning},
#include "lib/model/events.def"
#undef EVENT
};

constexpr const EventRow& row_of(Event event) {
  return kEventTable[static_cast<std::size_t>(event)];
}

template <>
struct Words<Event> {
  static constexpr auto values = [] {
    std::array<std::string_view, kEventTable.size()> words{};
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = kEventTable[i].word;
    return words;
  }();
};

}  // namespace sockwatch
