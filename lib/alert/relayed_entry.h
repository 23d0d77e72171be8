// SPDX-License-Identifier: Apache-2.0
// What the relay passes on as root: an alert of sockwatch, as journal_entry() writes them, and nothing else.
// Whoever has taken the daemon over can lie about listeners, but not speak as root about anything else. Pure.
#pragma once

#include <string_view>

#include "lib/base/result.h"

namespace sockwatch {

Result<void> check_relayed(std::string_view entry);

}  // namespace sockwatch
