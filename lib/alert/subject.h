// SPDX-License-Identifier: Apache-2.0
// The name of what an alert is about: the same text in the alert that raises it and in the one that clears
// it, over restarts, too. One printable line. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/model/socket_record.h"

namespace sockwatch {

// "host tcp 0.0.0.0 4444", and "host unix /run/a.sock", where the port is empty. Where it is "assigned" it is
// no name: there the owner, in any form that outlives a restart, tells one from another.
std::string subject_of_place(std::string_view name_space, Protocol protocol, std::string_view address,
                             std::string_view port, std::string_view owner);
// One of those who share it; begins with kSecondOwner. `place` is the place's own.
inline constexpr std::string_view kSecondOwner = "second owner ";
std::string subject_of_second_owner(std::string_view owner, std::string_view place);
// A required rule.
std::string subject_of_rule(std::string_view rule);
// A port that somebody hides.
std::string subject_of_hidden(Protocol protocol, std::uint32_t port);
// A part of the machine that can be out of sight.
std::string subject_of_part(std::string_view part);

}  // namespace sockwatch
