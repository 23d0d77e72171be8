// SPDX-License-Identifier: Apache-2.0
// What the parts of the daemon ask of the loop that they run on. EventLoop is the real one; tests run the
// parts on one with a clock of its own. All callbacks run on the loop's thread.
#pragma once

#include <functional>
#include <memory>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace sockwatch {

// One shot; arm it again from its callback for more. Its callback is not called after its destruction, and it
// must not outlive its loop.
class Timer {
 public:
  virtual ~Timer() = default;

  virtual void arm(Duration from_now) = 0;
  // The same, unless it is due earlier. Safe to call again and again: what is due stays due.
  virtual void arm_no_later(Duration from_now) = 0;
  virtual void disarm() = 0;
};

class Reactor {
 public:
  using Callback = std::function<void()>;
  // For other threads: each call has the callback called soon after, several perhaps once. It stays valid
  // after the loop is gone.
  using Bell = std::function<void()>;

  virtual ~Reactor() = default;

  virtual Result<std::unique_ptr<Timer>> add_timer(Callback callback) = 0;
  virtual Result<Bell> add_bell(Callback callback) = 0;
  // Whenever the descriptor is readable. It must outlive the loop's last turn.
  virtual Result<void> on_readable(int fd, Callback callback) = 0;
};

}  // namespace sockwatch
