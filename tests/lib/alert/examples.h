// SPDX-License-Identifier: Apache-2.0
// Listeners and alerts the tests of this room tell stories about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/model/delta.h"
#include "lib/model/event.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {

inline void own(Listener& listener, std::string_view comm, std::string_view unit) {
  Owner& owner = listener.annotation.owner;
  owner.state = OwnerState::Known;
  owner.unit = unit;
  owner.user = "max";
  owner.holders = {{{4711, 900}, std::string(comm), "/usr/bin/" + std::string(comm), 1000}};
}

inline void judge(Listener& listener, VerdictKind kind) {
  listener.verdict.kind = kind;
  listener.verdict.rule = kind == VerdictKind::Expected ? "web" : "default";
}

// nc on 0.0.0.0:4444/tcp in session-3.scope, opened at the fake clock's first moment.
inline Listener netcat(VerdictKind kind = VerdictKind::Unexpected, std::uint16_t port = 4444) {
  Listener made = listener(listening(Protocol::Tcp, "0.0.0.0", port, port), FakeClock().now());
  made.annotation.category = Category::Registered;
  made.annotation.service = Service{};
  made.annotation.service->name = "krb524";
  own(made, "nc", "session-3.scope");
  judge(made, kind);
  return made;
}

inline Listener assigned(std::string_view comm, std::uint16_t port) {
  Listener made = netcat(VerdictKind::Unexpected, port);
  made.members.front().bind = Bind::Assigned;
  own(made, comm, "tool.service");
  return made;
}

// New sockets in the same place, of another owner.
inline Delta taken_over(const Listener& before, const Listener& after) {
  Delta delta;
  delta.replaced = {{before, after}};
  delta.transitions = {{Event::OwnerChanged, AlertTone::Wrong, after, before}};
  return delta;
}

inline Alert alert_about(const Listener& listener, std::string message = "something happened") {
  Alert alert;
  alert.time = FakeClock().now();
  alert.message = std::move(message);
  alert.listener = listener;
  return alert;
}

// "listener-opened wrong", …
inline std::vector<std::string> names(const std::vector<Alert>& alerts) {
  std::vector<std::string> names;
  for (const Alert& alert : alerts) {
    names.push_back(std::string(word(alert.event)) + " " + std::string(word(alert.tone)));
  }
  return names;
}

}  // namespace sockwatch
