// SPDX-License-Identifier: Apache-2.0
// How the monitor itself is, for people: what it looks at and when, what it could not see, what it told.
#pragma once

#include <string>

#include "lib/base/clock.h"
#include "lib/model/build_info.h"
#include "lib/model/view.h"

namespace sockwatch {

// The pairs of a <dl>; what is not as it should be has the class "bad".
std::string monitor_panel(const View& view, const BuildInfo& build, Instant started, Instant now);

}  // namespace sockwatch
