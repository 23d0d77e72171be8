// SPDX-License-Identifier: Apache-2.0
#include "lib/web/password_worker.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "lib/base/thread.h"
#include "lib/web/passwords.h"

namespace sockwatch {

Result<std::unique_ptr<PasswordWorker>> PasswordWorker::start() {
  std::unique_ptr<PasswordWorker> worker(new PasswordWorker());
  worker->answered_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!worker->answered_.valid()) return Error::from_errno("passwords", errno);
  auto thread = start_thread("passwords", [held = worker.get()] { held->run(); });
  if (!thread.ok()) return thread.error();
  worker->thread_ = *std::move(thread);
  return worker;
}

PasswordWorker::~PasswordWorker() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  news_.notify_one();
  thread_.join();
}

void PasswordWorker::ask(Question question) {
  {
    const std::lock_guard lock(mutex_);
    questions_.push_back(std::move(question));
  }
  news_.notify_one();
}

std::vector<PasswordWorker::Answer> PasswordWorker::take() {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  (void)!::read(answered_.get(), &count, sizeof count);  // fails only where there is nothing
  return std::exchange(answers_, {});
}

void PasswordWorker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    news_.wait(lock, [this] { return stop_ || !questions_.empty(); });
    if (stop_) return;
    const Question question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    const bool fits = password_fits(question.password, question.hash, question.dearest);
    lock.lock();
    answers_.push_back({question.asker, fits});
    const std::uint64_t one = 1;
    (void)!::write(answered_.get(), &one,
                   sizeof one);  // cannot fail: an eventfd takes 2^64-2 before it blocks
  }
}

}  // namespace sockwatch
