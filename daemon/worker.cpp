// SPDX-License-Identifier: Apache-2.0
#include "daemon/worker.h"

#include <utility>

namespace sockwatch {

Worker::Worker(std::function<bool()> part, std::function<void()> done)
    : part_(std::move(part)), done_(std::move(done)), thread_([this] { run(); }) {}

Worker::~Worker() {
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
    if (!stopping_) done_();
  }
}

}  // namespace sockwatch
