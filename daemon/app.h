// SPDX-License-Identifier: Apache-2.0
// The running daemon on this machine: opens every part in an order that matters, and connects them to the
// real kernel, loop and clock. Everything but the threads named in docs/architecture.md runs on the loop.
#pragma once

#include <memory>
#include <optional>

#include "daemon/daemon.h"
#include "daemon/event_loop.h"
#include "daemon/options.h"
#include "daemon/watching.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/monitor/setup.h"
#include "lib/web/http_server.h"
#include "lib/web/view_board.h"

namespace sockwatch {

class App {
 public:
  // Everything that can fail at start fails here, with one line for a person.
  static Result<std::unique_ptr<App>> start(Options options, Setup setup);

  // Until SIGTERM or SIGINT. Returns the exit code.
  int run();

 private:
  App(Options options, Setup setup);

  Result<void> open_loop();
  Result<void> open_sources();
  Result<void> open_pipeline();
  Result<void> open_events();
  Result<void> narrow();
  Result<void> serve();
  Result<void> begin();
  void reload();
  void stop();

  Options options_;
  SystemClock clock_;
  EventLoop loop_;
  Watching watching_;
  ViewBoard board_;
  std::unique_ptr<HttpServer> server_;
  std::optional<Pipeline> pipeline_;  // until it is watched with
  Daemon daemon_;
};

}  // namespace sockwatch
