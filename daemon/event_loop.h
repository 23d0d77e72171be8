// SPDX-License-Identifier: Apache-2.0
// RAII over sd-event(3) and the service manager's protocol (sd_notify(3), sd_listen_fds(3)). The only user of
// both. Everything runs on the thread that calls run().
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "daemon/reactor.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

struct sd_event;

namespace sockwatch {

class EventLoop final : public Reactor {
 public:
  EventLoop();
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;  // sources point to their callbacks
  EventLoop& operator=(const EventLoop&) = delete;

  // Blocks the signal for the process's threads and calls back from the loop instead.
  Result<void> on_signal(int signal, Callback callback);

  Result<void> on_readable(int fd, Callback callback) override;
  Result<Bell> add_bell(Callback callback) override;
  Result<std::unique_ptr<Timer>> add_timer(Callback callback) override;

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
