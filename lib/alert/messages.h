// SPDX-License-Identifier: Apache-2.0
// The one human line of every alert, in one place so that they read alike. Number first, the service's name
// as a hint, whose it is, what the policy says. All are printable(), whatever a program calls itself. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/model/delta.h"
#include "lib/model/hidden_port.h"
#include "lib/model/listener.h"

namespace sockwatch {

// "unexpected listener: nc (pid 4711, user max) opened 0.0.0.0:4444/tcp (krb524, registered, explicit,
// reachable: any) in session-3.scope; no rule expects it"
std::string opened_message(const Listener& listener);
// For how long where an event told, else that no look ever showed it.
std::string short_lived_message(const Listener& listener);
std::string closed_message(const Listener& listener);
// A decision ends what was told: "no longer unexpected: …; expected by rule …".
std::string accepted_message(const Listener& listener);
std::string owner_changed_message(const Listener& before, const Listener& after);
std::string upgraded_message(const Listener& before, const Listener& after);
std::string second_owner_message(const Listener& first, const Listener& second);
std::string second_owner_left_message(const Listener& second, const Listener& remaining);
std::string missing_message(const RequiredRule& rule);
std::string found_message(const RequiredRule& rule);
// "hidden listener: 4444/tcp is open by BPF iterator, and sock_diag denies it".
std::string hidden_message(const HiddenPort& port);
std::string not_hidden_message(const HiddenPort& port);
std::string degraded_message(std::string_view what, std::string_view why);
std::string recovered_message(std::string_view what);

// Of an event that needs no more than its listener: "plaintext exposed: …; usually not encrypted, safer: …".
std::string transition_message(const Transition& transition);

// The most exposed first, at most 100 by name and then how many more.
std::string baseline_message(std::span<const Listener> learned);

// What one program or unit is called where many alerts are summed up: its lasting name, else its program's.
std::string culprit(const Listener& listener);

}  // namespace sockwatch
