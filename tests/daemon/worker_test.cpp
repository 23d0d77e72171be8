// SPDX-License-Identifier: Apache-2.0
#include "daemon/worker.h"

#include <gtest/gtest.h>

#include <future>

namespace sockwatch {
namespace {

std::unique_ptr<Worker> started(std::function<bool()> part, std::function<void()> done) {
  return Worker::start("test", std::move(part), std::move(done)).value();
}

TEST(Worker, works_on_its_own_thread_until_all_parts_are_done) {
  int parts = 0;
  std::thread::id where;
  std::promise<void> done;
  const auto worker = started(
      [&] {
        where = std::this_thread::get_id();
        return ++parts < 3;
      },
      [&] { done.set_value(); });
  worker->begin();
  done.get_future().wait();
  (void)worker->end();
  EXPECT_EQ(parts, 3);
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(Worker, works_again_and_tells_the_cost_of_each_time) {
  std::promise<void> done[2];
  int times = 0;
  const auto worker = started([] { return false; }, [&] { done[times++].set_value(); });
  for (auto& each : done) {
    worker->begin();
    each.get_future().wait();
    EXPECT_GE(worker->end(), Duration(0));
  }
  EXPECT_EQ(times, 2);
}

TEST(Worker, gives_up_without_a_word_when_it_is_not_wanted_any_more) {
  std::promise<void> begun;
  std::atomic<bool> told = false;
  std::atomic<int> parts = 0;
  {
    const auto worker = started(
        [&] {
          if (parts++ == 0) begun.set_value();
          return true;
        },
        [&] { told = true; });
    worker->begin();
    begun.get_future().wait();
  }
  EXPECT_GE(parts, 1);
  EXPECT_FALSE(told);
}

TEST(Worker, ends_when_it_never_had_anything_to_do) {
  (void)started([] { return false; }, [] {});
}

}  // namespace
}  // namespace sockwatch
