// SPDX-License-Identifier: Apache-2.0
// The answer to "and how do I make this alert go away?".
#pragma once

#include <string>

#include "lib/model/listener.h"

namespace sockwatch {

// A rule, as lines for a file in policy.d, that expects this listener and what would come back after a
// restart: the same port and scope, the same container, unit or program. Foreign names are quoted so that the
// text is always valid and safe on a terminal; ends with a newline.
std::string allow_lines(const Listener& listener);

}  // namespace sockwatch
