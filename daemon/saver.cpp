// SPDX-License-Identifier: Apache-2.0
#include "daemon/saver.h"

#include <utility>

namespace sockwatch {
namespace {

constexpr Duration kAgain = std::chrono::seconds(10);

}  // namespace

Saver::Saver(Keeper& keeper, const Clock& clock, Take take, Note note)
    : keeper_(keeper), clock_(clock), take_(std::move(take)), note_(std::move(note)) {}

Result<void> Saver::connect(Reactor& loop) {
  auto timer = loop.add_timer([this] {
    due_ = false;
    begin();
  });
  if (!timer.ok()) return timer.error();
  timer_ = *std::move(timer);
  auto bell = loop.add_bell([this] { finish(); });
  if (!bell.ok()) return bell.error();
  bell_ = *std::move(bell);
  return {};
}

Result<void> Saver::start() {
  auto worker = Worker::start(
      "saving",
      [this] {
        write();
        return false;
      },
      bell_);
  if (!worker.ok()) return worker.error();
  worker_ = *std::move(worker);
  return {};
}

void Saver::soon() {
  if (due_) return;
  const Duration rest = under_way_ ? Duration(0) : pace_.rest(clock_.now().monotonic);
  if (rest <= Duration(0)) return begin();
  due_ = true;
  timer_->arm(rest);
}

void Saver::begin() {
  if (under_way_) {
    again_ = true;
    return;
  }
  take();
  if (worker_) return worker_->begin();
  write();
  finish();
}

void Saver::now() {
  wait();
  take();
  write();
  finish();
  wait();
}

// To note how one went may begin the next.
void Saver::wait() {
  while (under_way_) {
    worker_->wait();
    finish();
  }
}

void Saver::take() {
  kept_ = take_();
  began_ = clock_.now();
  under_way_ = true;
}

// The bell may ring for what now() has waited for.
void Saver::finish() {
  if (!under_way_ || (worker_ && worker_->is_working())) return;
  under_way_ = false;
  const Result<void> outcome = outcome_;  // the next one, which may begin below, has its own
  const MonotonicTime ended = clock_.now().monotonic;
  pace_.saved(ended, ended - began_.monotonic);
  kept_ = {};
  if (!outcome.ok()) {
    due_ = true;
    timer_->arm(kAgain);
  }
  if (std::exchange(again_, false)) soon();
  note_(outcome);
}

}  // namespace sockwatch
