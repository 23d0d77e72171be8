// SPDX-License-Identifier: Apache-2.0
#include "lib/config/field.h"

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "lib/config/toml_text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLongestShown = 60;

// In the order of Node's alternatives.
constexpr std::array<std::string_view, 7> kTypes = {"a date or time", "a boolean", "an integer", "a float",
                                                    "a string",       "an array",  "a table"};

std::string quoted_words(std::span<const std::string_view> words) {
  std::vector<std::string> quoted;
  for (const std::string_view word : words) quoted.push_back(toml_quote(word));
  return list_of(std::vector<std::string_view>(quoted.begin(), quoted.end()));
}

bool holds(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::optional<bool> KeyValue::boolean() const {
  if (const bool* value = node_->as<bool>()) return *value;
  wrong_type("true or false");
  return std::nullopt;
}

std::optional<std::int64_t> KeyValue::integer(std::int64_t least, std::int64_t most,
                                              std::string_view expected) const {
  const std::int64_t* value = node_->as<std::int64_t>();
  if (value == nullptr) {
    wrong_type(expected);
  } else if (*value < least || *value > most) {
    reject("is out of range", expected);
  } else {
    return *value;
  }
  return std::nullopt;
}

std::optional<std::string> KeyValue::text(std::string_view expected) const {
  const std::string* value = as_text();
  if (value == nullptr) {
    wrong_type(expected);
  } else if (value->find('\0') != std::string::npos) {
    reject("holds a NUL byte", expected);
  } else {
    return *value;
  }
  return std::nullopt;
}

std::optional<Duration> KeyValue::duration(Duration least, Duration most, std::string_view expected) const {
  const auto value = text(expected);
  if (!value) return std::nullopt;
  const auto duration = parse_duration(*value);
  if (!duration) {
    reject("is not a duration", expected);
  } else if (*duration < least || *duration > most) {
    reject("is out of range", expected);
  } else {
    return duration;
  }
  return std::nullopt;
}

std::optional<std::string> KeyValue::path() const {
  constexpr std::string_view kExpected = "an absolute path, or \"\" for none";
  const auto value = text(kExpected);
  if (!value || value->empty() || value->front() == '/') return value;
  reject("is not absolute", kExpected);
  return std::nullopt;
}

std::optional<std::size_t> KeyValue::word_index(std::span<const std::string_view> words) const {
  const std::string expected = quoted_words(words);
  const std::string* value = as_text();
  if (value == nullptr) {
    wrong_type(expected);
  } else if (!holds(words, *value)) {
    reject("is unknown", expected);
  } else {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), *value) - words.begin());
  }
  return std::nullopt;
}

std::optional<std::string_view> KeyValue::one_of(std::span<const std::string_view> words) const {
  const auto index = word_index(words);
  return index ? std::optional(words[*index]) : std::nullopt;
}

std::vector<KeyValue> KeyValue::one_or_more() const {
  std::vector<KeyValue> fields = elements();
  if (fields.empty()) {
    problems_->add(file_, node_->at, std::string(name_) + " is an empty list, expected at least one value");
  }
  return fields;
}

std::vector<KeyValue> KeyValue::elements() const {
  const Array* values = node_->as<Array>();
  if (values == nullptr) return {*this};
  std::vector<KeyValue> fields;
  for (const Node& value : *values) fields.push_back(KeyValue(file_, name_, value, *problems_));
  return fields;
}

const Table* KeyValue::table() const {
  const Table* value = node_->as<Table>();
  if (value == nullptr) wrong_type("a table");
  return value;
}

std::vector<KeyValue> KeyValue::entries() const {
  std::vector<KeyValue> fields;
  const Table* values = table();
  if (values == nullptr) return fields;
  for (const Entry& entry : *values) fields.push_back(KeyValue(file_, entry, *problems_));
  return fields;
}

std::vector<KeyValue> KeyValue::entries(std::string_view place,
                                        std::span<const std::string_view> known) const {
  std::vector<KeyValue> fields;
  const Table* values = table();
  if (values == nullptr) return fields;
  for (const Entry& entry : *values) {
    if (holds(known, entry.key)) {
      fields.push_back(KeyValue(file_, entry, *problems_));
    } else {
      reject_unknown_key(file_, entry, place, known, *problems_);
    }
  }
  return fields;
}

void KeyValue::reject(std::string_view wrong, std::string_view expected) const {
  problems_->add(file_, node_->at,
                 shown() + " " + std::string(wrong) + ", expected " + std::string(expected));
}

void KeyValue::reject(const Error& complaint) const {
  problems_->add(file_, node_->at, std::string(name_) + " = " + complaint.message);
}

void KeyValue::wrong_type(std::string_view expected) const {
  reject("is " + std::string(kTypes[node_->value.index()]), expected);
}

KeyValue KeyValue::unshown() const {
  KeyValue copy = *this;
  copy.unshown_ = true;
  return copy;
}

// "port = 70000"; for values that do not fit on the line only the name.
std::string KeyValue::shown() const {
  std::string value;
  if (unshown_) return std::string(name_);
  if (const std::string* text = as_text()) {
    value =
        text->size() <= kLongestShown ? "\"" + *text + "\"" : "\"" + text->substr(0, kLongestShown) + "…\"";
  } else if (const std::int64_t* integer = node_->as<std::int64_t>()) {
    value = std::to_string(*integer);
  } else if (const bool* flag = node_->as<bool>()) {
    value = *flag ? "true" : "false";
  } else {
    return std::string(name_);
  }
  return std::string(name_) + " = " + value;
}

void reject_unknown_key(std::string_view file, const Entry& entry, std::string_view place,
                        std::span<const std::string_view> known, Problems& problems) {
  const std::string shown =
      entry.key.size() <= kLongestShown ? entry.key : entry.key.substr(0, kLongestShown) + "…";
  problems.add(
      file, entry.at,
      "unknown key \"" + shown + "\" in " + std::string(place) + ", " + suggestion(entry.key, known));
}

}  // namespace sockwatch
