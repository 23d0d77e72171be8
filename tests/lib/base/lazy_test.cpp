// SPDX-License-Identifier: Apache-2.0
#include "lib/base/lazy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace sockwatch {
namespace {

TEST(Lazy, nothing_is_computed_before_somebody_asks_and_once_for_all_copies) {
  int computed = 0;
  const Lazy<std::string> value([&computed] { return std::to_string(++computed); });
  const Lazy<std::string> copy = value;
  EXPECT_EQ(computed, 0);
  EXPECT_EQ(copy.get(), "1");
  EXPECT_EQ(value.get(), "1");
}

TEST(Lazy, a_value_that_is_there_is_its_own) {
  Lazy<std::string> value;
  EXPECT_EQ(value.get(), "");
  value = std::string("known");
  EXPECT_EQ(value.get(), "known");
}

TEST(Lazy, what_it_is_computed_from_is_let_go) {
  auto source = std::make_shared<int>(7);
  const std::weak_ptr<int> held = source;
  const Lazy<int> value([source] { return *source; });
  source.reset();
  EXPECT_FALSE(held.expired());
  EXPECT_EQ(value.get(), 7);
  EXPECT_TRUE(held.expired());
}

TEST(Lazy, of_many_threads_that_ask_one_computes_it) {
  std::atomic<int> computed = 0;
  const Lazy<int> value([&computed] { return ++computed; });
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&value] { EXPECT_EQ(value.get(), 1); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sockwatch
