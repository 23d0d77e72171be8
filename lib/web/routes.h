// SPDX-License-Identifier: Apache-2.0
// Which path answers what. Pages are made from the View on the board and kept for a second, or for ten times
// the CPU time they took, 20 s at most: however often a page is requested, rendering it takes a tenth of a
// core, and no age on it is off by more.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/build_info.h"
#include "lib/model/view.h"
#include "lib/web/http_server.h"
#include "lib/web/view_board.h"

namespace sockwatch {

struct RoutesSetup {
  const ViewBoard& board;  // both outlive the Routes
  const Clock& clock;
  BuildInfo build;
  // The text of /metrics. Passed in because outputs do not know each other.
  std::function<std::string(const View&)> metrics;
  // /-/healthy gives up when the last good look at listeners is older.
  Duration stale_after{};
  std::string host = {};  // the machine's name, for people
  // Of this thread. A busy machine makes no page dear.
  std::function<Duration()> cpu_time = thread_cpu_time;
};

// Used by one thread, the server's.
class Routes {
 public:
  // Built when the daemon starts: its uptime counts from here.
  explicit Routes(RoutesSetup setup);

  // Exact paths; anything else is a 404. Pages are a 503 until the first View.
  HttpResponse answer(std::string_view path);

  Routes(const Routes&) = delete;  // its pages refer to it
  Routes& operator=(const Routes&) = delete;

 private:
  struct Page {
    std::string_view path;
    std::string_view content_type;
    std::function<std::string(const View&, Instant)> render;
    // What was rendered last, from what, when, and for how long it is good.
    std::shared_ptr<const View> view;
    MonotonicTime rendered{};
    Duration keep{};
    std::shared_ptr<const std::string> body;
    std::shared_ptr<GzipBody> gzip;
  };

  struct File {
    std::string_view path;
    std::string_view content_type;
    std::shared_ptr<const std::string> body;
    std::shared_ptr<GzipBody> gzip;
  };

  HttpResponse answer_page(Page& page);
  HttpResponse answer_healthy() const;
  HttpResponse answer_ready() const;

  RoutesSetup setup_;
  Instant started_;
  std::vector<Page> pages_;
  std::vector<File> files_;
};

}  // namespace sockwatch
