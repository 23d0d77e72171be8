// SPDX-License-Identifier: Apache-2.0
// RAII over sd-event(3) and the service manager's protocol (sd_notify(3), sd_listen_fds(3)). The one door to
// both. Everything runs on the thread that calls run().
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

struct sd_event;
struct sd_event_source;

namespace sockwatch {

class EventLoop {
 public:
  using Callback = std::function<void()>;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;  // sources point to their callbacks
  EventLoop& operator=(const EventLoop&) = delete;

  // Blocks the signal for the process's threads and calls back from the loop instead.
  Result<void> on_signal(int signal, Callback callback);

  // Whenever the descriptor is readable. It must outlive the loop's last turn.
  Result<void> on_readable(int fd, Callback callback);

  // For other threads: each call of `bell` has the callback called soon after, several perhaps once. The bell
  // stays valid after the loop is gone.
  using Bell = std::function<void()>;
  Result<Bell> add_bell(Callback callback);

  // One shot; arm it again from the callback for more. Lives as long as the loop.
  class Timer {
   public:
    void arm(Duration from_now);
    // The same, unless it is due earlier. Safe to call again and again: what is due stays due.
    void arm_no_later(Duration from_now);
    void disarm();

   private:
    friend class EventLoop;
    sd_event_source* source_ = nullptr;
  };
  Result<Timer> add_timer(Callback callback);

  // Runs until stop(); the exit code is what stop() was told. An error: the loop itself has failed.
  Result<int> run();
  void stop(int exit_code);

 private:
  struct Deleter {
    void operator()(sd_event* event) const;
  };
  std::unique_ptr<sd_event, Deleter> event_;
  std::vector<std::unique_ptr<Callback>> callbacks_;
};

// To the service manager; nothing happens without one.
namespace service {

void ready(std::string_view status);
void status(std::string_view status);
// Between these two systemctl reload waits.
void reloading();
void stopping();
// The road moved: not before a look has ended.
void feed_watchdog();

// Sockets of sockwatch.socket, in the order of its file. Empty without socket activation.
std::vector<UniqueFd> inherited_sockets();

// True where standard error is journald's (systemd.exec(5), JOURNAL_STREAM): the service manager started this
// process.
bool logs_to_journal();

}  // namespace service
}  // namespace sockwatch
