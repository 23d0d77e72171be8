// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <string>
#include <thread>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class EventLoopTest : public testing::Test {
 protected:
  std::unique_ptr<Timer> timer(Reactor::Callback callback) {
    return loop_.add_timer(std::move(callback)).value();
  }

  EventLoop loop_;
  std::string heard_;
};

TEST_F(EventLoopTest, runs_until_it_is_stopped_and_ends_with_that_code) {
  auto stop = timer([this] { loop_.stop(7); });
  stop->arm(0s);
  EXPECT_EQ(loop_.run().value(), 7);
}

TEST_F(EventLoopTest, a_timer_fires_once_until_it_is_armed_again) {
  auto end = timer([this] { loop_.stop(0); });
  std::unique_ptr<Timer> again;
  again = timer([&] {
    heard_ += "x";
    if (heard_.size() < 3) return again->arm(0s);
    end->arm(1ms);
  });
  again->arm(0s);
  (void)loop_.run();
  EXPECT_EQ(heard_, "xxx");
}

TEST_F(EventLoopTest, a_time_in_the_past_is_now) {
  auto late = timer([this] { loop_.stop(3); });
  late->arm(-5s);
  EXPECT_EQ(loop_.run().value(), 3);
}

TEST_F(EventLoopTest, neither_an_unarmed_nor_a_disarmed_nor_a_destroyed_timer_fires) {
  const auto never = timer([this] { heard_ += "never"; });
  auto destroyed = timer([this] { heard_ += "destroyed"; });
  destroyed->arm(0s);
  destroyed.reset();
  auto disarmed = timer([this] { heard_ += "disarmed"; });
  auto end = timer([this] { loop_.stop(0); });
  disarmed->arm(0s);
  disarmed->disarm();
  end->arm(1ms);
  (void)loop_.run();
  EXPECT_EQ(heard_, "");
}

TEST_F(EventLoopTest, arming_again_replaces_the_time) {
  auto moved = timer([this] { loop_.stop(5); });
  moved->arm(24h);
  moved->arm(0s);
  EXPECT_EQ(loop_.run().value(), 5);
}

TEST_F(EventLoopTest, to_arm_no_later_brings_forward_and_never_puts_off) {
  auto end = timer([this] { loop_.stop(0); });
  auto unarmed = timer([&] {
    heard_ += "x";
    end->arm(1h);
    end->arm_no_later(0s);
    end->arm_no_later(1h);
  });
  unarmed->arm_no_later(0s);
  EXPECT_EQ(loop_.run().value(), 0);
  EXPECT_EQ(heard_, "x");
}

TEST_F(EventLoopTest, a_timer_that_each_event_of_a_flood_arms_has_its_turn) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read(ends[0]);
  const UniqueFd write(ends[1]);
  ASSERT_EQ(::write(write.get(), "x", 1), 1);
  auto end = timer([this] { loop_.stop(5); });
  int floods = 0;
  ASSERT_TRUE(loop_
                  .on_readable(read.get(),
                               [&] {
                                 end->arm_no_later(0s);
                                 if (++floods == 1000) loop_.stop(1);
                               })
                  .ok());
  EXPECT_EQ(loop_.run().value(), 5);
}

TEST_F(EventLoopTest, a_signal_calls_back_from_the_loop) {
  ASSERT_TRUE(loop_
                  .on_signal(SIGUSR1,
                             [this] {
                               heard_ += "usr1";
                               loop_.stop(0);
                             })
                  .ok());
  ASSERT_EQ(::raise(SIGUSR1), 0);
  EXPECT_EQ(heard_, "") << "not before the loop runs";
  (void)loop_.run();
  EXPECT_EQ(heard_, "usr1");
}

TEST_F(EventLoopTest, each_signal_has_its_own_callback) {
  auto end = timer([this] { loop_.stop(0); });
  ASSERT_TRUE(loop_.on_signal(SIGUSR1, [&] { heard_ += "1"; }).ok());
  ASSERT_TRUE(loop_
                  .on_signal(SIGUSR2,
                             [&] {
                               heard_ += "2";
                               end->arm(1ms);
                             })
                  .ok());
  ASSERT_EQ(::raise(SIGUSR2), 0);
  (void)loop_.run();
  EXPECT_EQ(heard_, "2");
}

TEST_F(EventLoopTest, a_descriptor_calls_back_for_as_long_as_it_is_readable) {
  std::array<int, 2> ends;
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  ASSERT_TRUE(loop_
                  .on_readable(reading.get(),
                               [&] {
                                 char byte = 0;
                                 ASSERT_EQ(::read(reading.get(), &byte, 1), 1);
                                 heard_ += byte;
                                 if (byte == 'c') loop_.stop(0);
                               })
                  .ok());
  ASSERT_EQ(::write(writing.get(), "abc", 3), 3);
  (void)loop_.run();
  EXPECT_EQ(heard_, "abc");
}

TEST_F(EventLoopTest, a_bell_rung_by_another_thread_calls_back_from_the_loop) {
  const std::thread::id here = std::this_thread::get_id();
  const auto bell = loop_.add_bell([&] {
    heard_ += std::this_thread::get_id() == here ? "rung" : "in the wrong thread";
    loop_.stop(0);
  });
  ASSERT_TRUE(bell.ok());
  std::thread other([&bell] {
    (*bell)();
    (*bell)();
  });
  other.join();
  EXPECT_EQ(heard_, "") << "not before the loop runs";
  (void)loop_.run();
  EXPECT_EQ(heard_, "rung") << "however often";
}

TEST_F(EventLoopTest, a_bell_outlives_its_loop) {
  Reactor::Bell bell;
  {
    EventLoop loop;
    bell = loop.add_bell([] {}).value();
  }
  bell();
}

TEST_F(EventLoopTest, a_descriptor_that_is_none_is_an_error) {
  const auto added = loop_.on_readable(-1, [] {});
  ASSERT_FALSE(added.ok());
  EXPECT_TRUE(added.error().message.starts_with("io handler: ")) << added.error().message;
}

TEST_F(EventLoopTest, a_signal_that_nobody_can_catch_is_an_error) {
  const auto added = loop_.on_signal(SIGKILL, [] {});
  ASSERT_FALSE(added.ok());
  EXPECT_TRUE(added.error().message.starts_with("signal handler: ")) << added.error().message;
}

}  // namespace
}  // namespace sockwatch
