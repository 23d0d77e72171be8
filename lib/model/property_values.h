// SPDX-License-Identifier: Apache-2.0
// What the getters of properties are written with. Only the files with rows include this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/text.h"
#include "lib/base/words.h"
#include "lib/model/properties.h"

namespace sockwatch::property {

using Socket = const KnownSocket&;
using Maybe = std::optional<Value>;

inline constexpr PropertyType kText{PropertyKind::Text};
inline constexpr PropertyType kNumber{PropertyKind::Number};
inline constexpr PropertyType kFlag{PropertyKind::Flag};
inline constexpr PropertyType kTime{PropertyKind::Time};
template <typename E>
inline constexpr PropertyType kWord{PropertyKind::Word, Words<E>::values};

inline constexpr PropertyUses kListener = PropertyUse::Listener;
inline constexpr PropertyUses kConnection = PropertyUse::Connection;
inline constexpr PropertyUses kAlert = PropertyUse::Alert;
inline constexpr PropertyUses kLabel = PropertyUse::Label;
inline constexpr PropertyUses kAlertLabel = PropertyUse::AlertLabel;
inline constexpr PropertyUses kRule = PropertyUse::Rule;
inline constexpr PropertyUses kState = PropertyUse::State;
inline constexpr PropertyUses kChange = PropertyUse::Change;
inline constexpr PropertyUses kTest = PropertyUse::Test;
// The same while a listener stands, so alerts have it, too.
inline constexpr PropertyUses kStanding = kListener | kAlert;
inline constexpr PropertyUses kEverywhere = kStanding | kConnection;

// An empty text is one that is not known.
inline Maybe text(std::string_view value) {
  return value.empty() ? Maybe() : Maybe(std::string(value));
}
inline Maybe text_if(bool known, std::string_view value) {
  return known ? text(value) : Maybe();
}
template <typename E>
Maybe word_of(E value) {
  return text(word(value));
}
template <typename E>
Maybe word_if(bool known, E value) {
  return known ? word_of(value) : Maybe();
}
inline Maybe number(std::uint64_t value) {
  return Value(value);
}
inline Maybe number_if(bool known, std::uint64_t value) {
  return known ? number(value) : Maybe();
}
inline Maybe number_over_0(std::uint64_t value) {
  return number_if(value > 0, value);
}
inline Maybe flag_if(bool known, bool value) {
  return known ? Maybe(Value(value)) : Maybe();
}
// Not known before the clock was first read: in a replay, or by a tool that polled once.
inline Maybe time(std::optional<WallTime> value) {
  return value && *value != WallTime{} ? text(to_rfc3339(*value)) : Maybe();
}

// Of what is set: a text or a word, and yes or no.
inline const std::string& text_in(const Value& value) {
  return std::get<std::string>(value);
}
inline bool flag_in(const Value& value) {
  return std::get<bool>(value);
}
template <typename E>
E word_in(const Value& value) {
  return parse_word<E>(text_in(value)).value_or(E{});
}

}  // namespace sockwatch::property
