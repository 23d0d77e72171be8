// SPDX-License-Identifier: Apache-2.0
// An event worth telling a person.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/model/event_table.h"
#include "lib/model/hidden_port.h"
#include "lib/model/listener.h"

namespace sockwatch {

// One entry for the sinks. Values only: it can wait in a queue or a file for as long as it must.
struct Alert {
  Event event = Event::ListenerOpened;
  AlertTone tone = AlertTone::Wrong;
  Severity severity = Severity::Warning;
  Instant time;                      // when it happened, not when it is told
  std::string message;               // one line, already printable
  std::optional<Listener> listener;  // absent for the monitor's own alerts
  std::optional<Owner> other;        // whose it was before; with SecondOwner whose it is besides
  std::string parents;  // of its first holder: "bash (4700) < sshd (4690)"; empty where nobody asked
  std::optional<HiddenPort> hidden;  // for ListenerHidden
  std::string rule;                  // for ListenerMissing: the rule that is not satisfied
  std::uint64_t folded = 0;          // of a storm's summary: how many others it stands for
  // What it raises or clears (lib/alert/subject.h); empty for what is over once it is told.
  std::string subject;
  std::string allow;  // policy lines that would expect it; empty where there is nothing to allow
};

}  // namespace sockwatch
