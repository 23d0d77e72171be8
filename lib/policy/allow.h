// SPDX-License-Identifier: Apache-2.0
// The answer to "and how do I make this alert go away?".
#pragma once

#include <string>
#include <string_view>

#include "lib/model/listener.h"

namespace sockwatch {

// A rule, as lines for a file in policy.d, that expects this listener and what would come back after a
// restart: the same port and scope, the same container, unit or program. A container that an engine numbered
// is another one each time: there it is any of that engine's with the same program. Foreign names are quoted
// so that the text is always valid and safe on a terminal; ends with a newline.
std::string allow_lines(const Listener& listener);

// The same under another name, for where allow_name() is taken already.
std::string allow_lines_named(std::string_view name, const Listener& listener);
std::string allow_name(const Listener& listener);

}  // namespace sockwatch
