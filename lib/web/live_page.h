// SPDX-License-Identifier: Apache-2.0
// What a browser shows at /: what is open now, as a sentence, a picture and a table, and how the monitor is.
// Whole without JavaScript; the script only searches, sorts, and fetches the page anew when the stream says
// that something has changed. So there is one place that makes HTML of foreign text, and it is here.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/model/build_info.h"
#include "lib/model/view.h"

namespace sockwatch {

struct PageFacts {
  BuildInfo build;
  std::string host;  // the machine's name
  Instant started;
};

std::string live_page(const View& view, const PageFacts& facts, Instant now);

// The files of lib/web/page that it refers to: the Content-Security-Policy allows no script and no style
// inside the document.
struct PageFile {
  std::string_view path;  // "/page.js"
  std::string_view content_type;
  std::string_view text;
};
extern const PageFile kPageFiles[3];
extern const std::string_view kPageForm;  // page.html, with blanks

}  // namespace sockwatch
