// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/relayed_entry.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/alert/journal_entry.h"
#include "lib/alert/journal_relay.h"
#include "lib/base/text.h"
#include "lib/base/words.h"

namespace sockwatch {
namespace {

struct EntryField {
  std::string_view name;
  std::string_view value;
};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    number = number << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  return number;
}

// Takes one field off the front: NAME=value, or NAME, a length of eight bytes and the value. Absent where the
// entry is cut short.
std::optional<EntryField> take_field(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (const std::size_t equals = line.find('='); equals != std::string_view::npos) {
    return EntryField{line.substr(0, equals), line.substr(equals + 1)};
  }
  constexpr std::size_t kSize = sizeof(std::uint64_t);
  if (rest.size() < kSize) return std::nullopt;
  const std::uint64_t size = little_endian(rest.substr(0, kSize));
  rest.remove_prefix(kSize);
  if (size >= rest.size() || rest[size] != '\n') return std::nullopt;
  const EntryField field{line, rest.substr(0, size)};
  rest.remove_prefix(size + 1);
  return field;
}

bool is_ours(std::string_view id) {
  const auto events = all_of<Event>();
  return !id.empty() &&
         std::any_of(events.begin(), events.end(), [&](Event event) { return message_id(event) == id; });
}

bool is_unit(std::string_view name) {
  constexpr std::string_view kOthers = ":-_.\\@";
  return !name.empty() && name.size() < 256 && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_own_field(std::string_view name) {
  return name.starts_with("SOCKWATCH_") && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

bool is_allowed(const EntryField& field) {
  const auto& [name, value] = field;
  if (name == "MESSAGE") return true;
  if (name == "MESSAGE_ID") return is_ours(value);
  if (name == "PRIORITY") return value.size() == 1 && value >= "3" && value <= "6";
  if (name == "SYSLOG_IDENTIFIER") return value == "sockwatchd";
  if (name == "OBJECT_PID") return parse_integer<std::int32_t>(value).value_or(-1) > 0;
  if (name == "OBJECT_SYSTEMD_UNIT" || name == "OBJECT_SYSTEMD_USER_UNIT") return is_unit(value);
  return is_own_field(name);
}

}  // namespace

Result<void> check_relayed(std::string_view entry) {
  if (entry.size() > kMaxRelayedEntry) return Error{"it is too long"};
  std::vector<std::string_view> names;
  while (!entry.empty()) {
    const auto field = take_field(entry);
    if (!field) return Error{"it is cut short"};
    if (!is_allowed(*field))
      return Error{"it may not have this field: " + printable(field->name.substr(0, 64))};
    names.push_back(field->name);
  }
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) return Error{"it has a field twice"};
  for (const std::string_view needed : {"MESSAGE", "MESSAGE_ID", "SYSLOG_IDENTIFIER"}) {
    if (!std::binary_search(names.begin(), names.end(), needed))
      return Error{"it has no " + std::string(needed)};
  }
  return {};
}

}  // namespace sockwatch
