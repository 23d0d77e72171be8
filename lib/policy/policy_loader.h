// SPDX-License-Identifier: Apache-2.0
// policy.d/*.toml -> Policy. All or nothing: with one mistake in any file there is no policy, and the error
// lists every mistake, one a line, as "file:line:column: what, and what was expected".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/config/settings.h"
#include "lib/policy/rule.h"

namespace sockwatch {

// The rules of every *.toml in `directory`, files in lexical order, and warnings of those that expect or
// ignore everything; a missing directory has none. The settings give the default action and, for the built-in
// rules, the metrics address. `lookup` is only called during this call. Reads files, so it may block on a
// slow disk.
Result<Policy> load_policy(const std::string& directory, const Settings& settings,
                           const ServiceLookup& lookup);

// The rules of one text. `file_name` is only for messages and origins; any bytes are safe to pass.
Result<std::vector<Rule>> parse_policy(std::string_view file_name, std::string_view text,
                                       const ServiceLookup& lookup);

}  // namespace sockwatch
