// SPDX-License-Identifier: Apache-2.0
#include "daemon/worker.h"

#include <utility>

#include "lib/base/thread.h"

namespace sockwatch {

Result<std::unique_ptr<Worker>> Worker::start(const char* name, std::function<bool()> part,
                                              std::function<void()> done) {
  std::unique_ptr<Worker> worker(new Worker(std::move(part), std::move(done)));
  auto thread = start_thread(name, [held = worker.get()] { held->run(); });
  if (!thread.ok()) return thread.error();
  worker->thread_ = *std::move(thread);
  return worker;
}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  begun_.notify_one();
  thread_.join();
}

void Worker::begin() {
  {
    const std::lock_guard lock(mutex_);
    working_ = true;
  }
  begun_.notify_one();
}

bool Worker::is_working() const {
  const std::lock_guard lock(mutex_);
  return working_;
}

void Worker::wait() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return !working_; });
}

Duration Worker::end() {
  const std::lock_guard lock(mutex_);
  return cpu_;
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    begun_.wait(lock, [this] { return working_ || stopping_; });
    if (stopping_) return;
    lock.unlock();
    const Duration before = thread_cpu_time();
    while (!stopping_ && part_()) {
    }
    lock.lock();
    cpu_ = thread_cpu_time() - before;
    working_ = false;
    ended_.notify_all();
    if (!stopping_) done_();
  }
}

}  // namespace sockwatch
