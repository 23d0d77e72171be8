// SPDX-License-Identifier: Apache-2.0
// One key and its value while they are read: every read either gives a checked value or notes a problem that
// names the place, what stands there and what was expected. Settings and rules are read through this.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/config/document.h"
#include "lib/config/problems.h"

namespace sockwatch {

// Refers to everything it is given, which must outlive it.
class KeyValue {
 public:
  KeyValue(std::string_view file, const Entry& entry, Problems& problems)
      : KeyValue(file, entry.key, entry.node, problems) {}

  std::optional<bool> boolean() const;
  // `expected` says what for: "a port from 1 to 65535".
  std::optional<std::int64_t> integer(std::int64_t least, std::int64_t most, std::string_view expected) const;
  // Any string without a NUL byte, which would end it early in the C library.
  std::optional<std::string> text(std::string_view expected) const;
  // "250ms"; `expected` names the limits.
  std::optional<Duration> duration(Duration least, Duration most, std::string_view expected) const;
  // An absolute path, or "" for none.
  std::optional<std::string> path() const;
  // The same where it may be a secret, or stand in the place of one: messages show its name alone.
  KeyValue unshown() const;
  // The word of a closed set.
  template <typename E>
  std::optional<E> word() const {
    const auto index = word_index(Words<E>::values);
    if (!index) return std::nullopt;
    return static_cast<E>(*index);
  }
  // The same where only the words are known.
  std::optional<std::string_view> one_of(std::span<const std::string_view> words) const;
  // The elements of a list, or the single value; an empty list is a problem.
  std::vector<KeyValue> one_or_more() const;
  // The same where the list may be empty.
  std::vector<KeyValue> elements() const;
  const Table* table() const;
  // The entries of a table. Those that are none of `known` are problems and left out.
  std::vector<KeyValue> entries(std::string_view place, std::span<const std::string_view> known) const;
  // The same where every key is allowed.
  std::vector<KeyValue> entries() const;

  // "NAME = VALUE wrong, expected …", for what only the caller can judge.
  void reject(std::string_view wrong, std::string_view expected) const;
  void wrong_type(std::string_view expected) const;
  // "NAME = complaint", where the complaint quotes the value itself.
  void reject(const Error& complaint) const;

  std::string_view name() const { return name_; }
  const std::string* as_text() const { return node_->as<std::string>(); }
  Position at() const { return node_->at; }

 private:
  KeyValue(std::string_view file, std::string_view name, const Node& node, Problems& problems)
      : file_(file), name_(name), node_(&node), problems_(&problems) {}
  std::optional<std::size_t> word_index(std::span<const std::string_view> words) const;
  std::string shown() const;

  std::string_view file_;
  std::string_view name_;
  const Node* node_;
  Problems* problems_;
  bool unshown_ = false;
};

// The entry's key is none of `known`; `place` is "[watch]" or "a rule".
void reject_unknown_key(std::string_view file, const Entry& entry, std::string_view place,
                        std::span<const std::string_view> known, Problems& problems);

}  // namespace sockwatch
