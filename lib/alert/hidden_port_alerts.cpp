// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/hidden_port_alerts.h"

#include <cstdint>

#include "lib/alert/messages.h"
#include "lib/alert/subject.h"

namespace sockwatch {
namespace {

Alert about(const HiddenPort& port, AlertTone tone, Instant now) {
  Alert alert;
  alert.event = Event::ListenerHidden;
  alert.tone = tone;
  alert.severity = Severity::Critical;
  alert.time = now;
  alert.message = tone == AlertTone::Wrong ? hidden_message(port) : not_hidden_message(port);
  alert.hidden = port;
  alert.subject = subject_of_hidden(port.protocol, port.port);
  return alert;
}

}  // namespace

// Several may deny a port, and several show it: the first pair stands for all.
std::vector<Alert> HiddenPortAlerts::update(std::span<const HiddenPort> found, Instant now) {
  std::map<Key, HiddenPort> hidden;
  for (const HiddenPort& port : found) hidden.try_emplace({port.protocol, port.port}, port);
  std::vector<Alert> alerts;
  for (const auto& [key, port] : hidden) {
    if (!hidden_.contains(key)) alerts.push_back(about(port, AlertTone::Wrong, now));
  }
  for (const auto& [key, port] : hidden_) {
    if (!hidden.contains(key)) alerts.push_back(about(port, AlertTone::Right, now));
  }
  hidden_ = std::move(hidden);
  return alerts;
}

std::set<std::string> HiddenPortAlerts::standing() const {
  std::set<std::string> subjects;
  for (const auto& [key, port] : hidden_) subjects.insert(subject_of_hidden(port.protocol, port.port));
  return subjects;
}

}  // namespace sockwatch
