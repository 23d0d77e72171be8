// SPDX-License-Identifier: Apache-2.0
// A thread for one piece of work at a time, for what the loop must not wait for. A look at the connections is
// such: from a network namespace with few of them a single system call searches the machine's whole table, a
// tenth of a second where that holds a million. What the work touches is the thread's from begin() to
// end(), and nobody else's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace sockwatch {

class Worker {
 public:
  // `part` is called until it answers false, then `done`, both on the thread. An error: it cannot be started.
  // `name` is for the error and for ps(1).
  static Result<std::unique_ptr<Worker>> start(const char* name, std::function<bool()> part,
                                               std::function<void()> done);
  // Gives up the work under way, at the latest after a part.
  ~Worker();
  Worker(const Worker&) = delete;  // its thread knows it
  Worker& operator=(const Worker&) = delete;

  void begin();
  bool is_working() const;
  // Until it is not.
  void wait();
  // After done(): the CPU time it took.
  Duration end();

 private:
  Worker(std::function<bool()> part, std::function<void()> done)
      : part_(std::move(part)), done_(std::move(done)) {}
  void run();

  std::function<bool()> part_;
  std::function<void()> done_;
  mutable std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable ended_;
  bool working_ = false;
  Duration cpu_{};
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace sockwatch
