// SPDX-License-Identifier: Apache-2.0
// What a browser shows at /: which build this is, where the machine-readable pages are, and a table of what
// is open now. Plain HTML from one View; no script, one style sheet.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/build_info.h"
#include "lib/model/view.h"

namespace sockwatch {

// Unexpected listeners first. Everything other programs chose is escaped.
std::string landing_page(const View& view, const BuildInfo& build);

// For /style.css: the Content-Security-Policy allows no style inside the document.
std::string_view landing_style();

}  // namespace sockwatch
