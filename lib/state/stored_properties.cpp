// SPDX-License-Identifier: Apache-2.0
#include "lib/state/stored_properties.h"

#include <algorithm>

#include "lib/base/text.h"
#include "lib/base/words.h"
#include "lib/model/properties.h"
#include "lib/state/read_json.h"

namespace sockwatch {
namespace {

Json json_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return printable(*text);
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  return std::get<bool>(value);
}

Value value_at(const Json& row, const char* key, const PropertyType& type) {
  if (type.kind == PropertyKind::Number) return integer_at<std::uint64_t>(row, key);
  if (type.kind == PropertyKind::Flag) return row.at(key).get<bool>();
  std::string text = name_at(row, key);
  const bool is_word = type.kind == PropertyKind::Word;
  if (is_word && std::find(type.words.begin(), type.words.end(), text) == type.words.end())
    malformed(key, row.at(key), list_of_words(type.words));
  return text;
}

}  // namespace

void add_properties(Json& row, const Listener& listener) {
  const KnownSocket socket = known(listener);
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::State)) continue;
    if (const auto value = property.get(socket)) row[std::string(property.name)] = json_of(*value);
  }
}

void read_properties(const Json& row, Listener& listener) {
  for (const Property& property : properties()) {
    const std::string key(property.name);
    if (!property.uses.has(PropertyUse::State) || !row.contains(key)) continue;
    property.set(listener, value_at(row, key.c_str(), property.type));
  }
}

}  // namespace sockwatch
