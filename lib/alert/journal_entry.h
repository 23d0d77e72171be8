// SPDX-License-Identifier: Apache-2.0
// An alert as one entry of journald's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/): lines of
// KEY=value, or KEY, a length and bytes where the value has line breaks. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/event.h"

namespace sockwatch {

// Permanent: the catalogs and other people's filters know them. Empty for events that are never told.
std::string_view message_id(Event event);

std::string journal_entry(const Alert& alert);

// Whether such an entry names the unit of a listener.
bool is_about_a_unit(std::string_view entry);

}  // namespace sockwatch
