// SPDX-License-Identifier: Apache-2.0
// A loop whose time is a test's: it passes only when the test says so, and then as fast as it can.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/reactor.h"
#include "tests/fakes/fake_clock.h"

namespace sockwatch {

class FakeReactor final : public Reactor {
 public:
  explicit FakeReactor(FakeClock& clock) : clock_(clock) {}

  Result<std::unique_ptr<Timer>> add_timer(Callback callback) override {
    return std::unique_ptr<Timer>(std::make_unique<FakeTimer>(*this, std::move(callback)));
  }
  Result<Bell> add_bell(Callback callback) override {
    const std::size_t number = bells_.size();
    bells_.push_back(std::move(callback));
    return Bell([rung = rung_, number] {
      {
        const std::lock_guard lock(rung->mutex);
        rung->numbers.insert(number);
      }
      rung->change.notify_all();
    });
  }
  Result<void> on_readable(int fd, Callback callback) override {
    readers_[fd] = std::move(callback);
    return {};
  }
  void make_readable(int fd) { readers_.at(fd)(); }

  // All that is due meanwhile, in the order of its time.
  void run_for(Duration duration) {
    const MonotonicTime end = clock_.now().monotonic + duration;
    ring();
    while (FakeTimer* next = earliest()) {
      if (*next->due > end) break;
      advance_to(*next->due);
      next->fire();
      ring();
    }
    advance_to(end);
  }

  // Until a thread has done its part: that takes time which is not the test's.
  void run_until(const std::function<bool()>& done) {
    while (!done()) {
      {
        std::unique_lock lock(rung_->mutex);
        if (!rung_->change.wait_for(lock, std::chrono::seconds(30),
                                    [this] { return !rung_->numbers.empty(); })) {
          ADD_FAILURE() << "no thread has rung";
          return;
        }
      }
      run_for(Duration(0));
    }
  }

 private:
  struct FakeTimer final : Timer {
    FakeTimer(FakeReactor& owner, Callback what) : reactor(owner), callback(std::move(what)) {
      reactor.timers_.push_back(this);
    }
    ~FakeTimer() override { std::erase(reactor.timers_, this); }
    FakeTimer(const FakeTimer&) = delete;
    FakeTimer& operator=(const FakeTimer&) = delete;

    void arm(Duration from_now) override {
      due = reactor.clock_.now().monotonic + std::max(from_now, Duration(0));
      order = ++reactor.armed_;
    }
    void arm_no_later(Duration from_now) override {
      if (!due || *due > reactor.clock_.now().monotonic + from_now) arm(from_now);
    }
    void disarm() override { due.reset(); }
    void fire() {
      due.reset();
      callback();
    }

    FakeReactor& reactor;
    Callback callback;
    std::optional<MonotonicTime> due;
    std::uint64_t order = 0;
  };

  FakeTimer* earliest() const {
    const auto is_earlier = [](const FakeTimer* a, const FakeTimer* b) {
      if (!a->due || !b->due) return a->due.has_value();
      return std::tie(*a->due, a->order) < std::tie(*b->due, b->order);
    };
    const auto found = std::min_element(timers_.begin(), timers_.end(), is_earlier);
    return found == timers_.end() || !(*found)->due ? nullptr : *found;
  }
  void advance_to(MonotonicTime time) {
    if (time > clock_.now().monotonic) clock_.advance(time - clock_.now().monotonic);
  }
  void ring() {
    std::set<std::size_t> numbers;
    {
      const std::lock_guard lock(rung_->mutex);
      numbers.swap(rung_->numbers);
    }
    for (const std::size_t number : numbers) bells_[number]();
  }

  struct Rung {
    std::mutex mutex;
    std::condition_variable change;
    std::set<std::size_t> numbers;
  };
  FakeClock& clock_;
  std::vector<FakeTimer*> timers_;
  std::uint64_t armed_ = 0;
  std::vector<Callback> bells_;
  std::map<int, Callback> readers_;
  std::shared_ptr<Rung> rung_ = std::make_shared<Rung>();
};

}  // namespace sockwatch
