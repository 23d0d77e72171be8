// SPDX-License-Identifier: Apache-2.0
// The globs of rules. Pure.
#pragma once

#include <optional>
#include <string>

namespace sockwatch {

// fnmatch(3) of the whole text; "*" also matches "/". A backslash takes the next character as it is, and
// where that needs none it may also stand for itself: names hold backslashes (systemd writes "-" in a unit as
// \x2d, a domain's user is DOMAIN\name) and are written into rules as they are shown.
bool glob_fits(const std::string& glob, const std::string& text);

// The one text that a glob without wildcards fits; of two readings the one in which a backslash stands for
// itself.
std::optional<std::string> literal_of(const std::string& glob);

}  // namespace sockwatch
