// SPDX-License-Identifier: Apache-2.0
// Alerts for a person: a row each. Pure.
#pragma once

#include <span>

#include "cli/table.h"
#include "lib/model/event.h"

namespace sockwatch {

// Time, event, socket, owner and rule; of what is about no socket the rule alone.
TextTable alert_table(std::span<const Alert> alerts);

}  // namespace sockwatch
