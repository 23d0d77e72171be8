// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/journal_entry.h"

#include <cstdint>

#include "lib/model/fields.h"

namespace sockwatch {
namespace {

constexpr std::string_view kUnitKey = "OBJECT_SYSTEMD_UNIT";

// syslog(3): 3 error, 4 warning, 5 notice, 6 informational.
std::string_view priority(const Alert& alert) {
  if (alert.tone == AlertTone::Right) return "5";
  switch (alert.severity) {
    case Severity::Info:
      return "6";
    case Severity::Warning:
      return "4";
    case Severity::Critical:
      return "3";
  }
  return "4";
}

void append(std::string& entry, std::string_view key, std::string_view value) {
  entry += key;
  if (value.find('\n') == std::string_view::npos) {
    entry += '=';
  } else {
    entry += '\n';
    const std::uint64_t size = value.size();
    for (unsigned shift = 0; shift < 64; shift += 8) entry += static_cast<char>((size >> shift) & 0xFF);
  }
  entry += value;
  entry += '\n';
}

// "SOCKWATCH_OWNER_STATE" from "owner_state".
std::string key_of_field(std::string_view name) {
  std::string key = "SOCKWATCH_";
  for (const char c : name) key += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return key;
}

// "user@1000.service/app.service" is a unit of a user's own manager.
void append_unit(std::string& entry, std::string_view unit) {
  if (unit.empty()) return;
  const std::size_t slash = unit.find('/');
  append(entry, kUnitKey, unit.substr(0, slash));
  if (slash != std::string_view::npos) append(entry, "OBJECT_SYSTEMD_USER_UNIT", unit.substr(slash + 1));
}

// Whom it is about: by that `journalctl -u UNIT` finds an entry that comes from root (journal_relay.h), and
// by the pid journald then adds what it knows of the process. No pid of what is gone: so may be its process,
// and the number somebody else's by now.
void append_object(std::string& entry, const Alert& alert) {
  if (!alert.listener) return;
  const Owner& owner = alert.listener->annotation.owner;
  append_unit(entry, owner.unit);
  const bool left = alert.event == Event::SecondOwner && alert.tone == AlertTone::Right;
  const bool gone = alert.event == Event::ListenerClosed || alert.event == Event::ListenerShortLived;
  if (alert.listener->closed || gone || left) return;
  if (!owner.holders.empty()) append(entry, "OBJECT_PID", std::to_string(owner.holders.front().id.pid));
}

}  // namespace

std::string_view message_id(Event event) {
  return row_of(event).message_id;
}

bool is_about_a_unit(std::string_view entry) {
  return entry.find("\n" + std::string(kUnitKey) + "=") != std::string_view::npos;
}

std::string journal_entry(const Alert& alert) {
  std::string entry;
  append(entry, "MESSAGE", alert.message);
  if (!message_id(alert.event).empty()) append(entry, "MESSAGE_ID", message_id(alert.event));
  append(entry, "PRIORITY", priority(alert));
  append(entry, "SYSLOG_IDENTIFIER", "sockwatchd");
  append_object(entry, alert);
  for (const Field& field : fields_of(alert)) {
    if (field.name != "message") append(entry, key_of_field(field.name), text_of(field.value));
  }
  return entry;
}

}  // namespace sockwatch
