// SPDX-License-Identifier: Apache-2.0
#include "daemon/saver.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "daemon/event_loop.h"
#include "lib/base/log.h"
#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

// What waits is "1", then "2" and so on: each save is told from the last.
class SaverTest : public testing::Test {
 protected:
  SaverTest() {
    log::start(LogLevel::Debug, log::Style::JournalPrefix);
    tree_.add("proc/sys/kernel/random/boot_id = this-boot");
  }

  Saver saver() {
    return {keeper_, clock_,
            [this] {
              return Keeper::Kept{{}, std::to_string(++taken_)};
            },
            [this](const Result<void>& saved) {
              outcomes_.push_back(saved.ok());
              if (noted_) noted_();
              if (outcomes_.size() == stop_after_) loop_.stop(0);
            }};
  }
  std::string written() const {
    std::ifstream file(tree_.at("state/alerts.queue"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  FileTree tree_;
  SystemClock clock_;
  EventLoop loop_;
  Keeper keeper_{tree_.path() + "/state", tree_.path() + "/proc"};
  int taken_ = 0;
  std::vector<bool> outcomes_;
  std::size_t stop_after_ = 1;
  std::function<void()> noted_;
};

TEST_F(SaverTest, without_a_thread_it_is_written_at_once) {
  Saver saver = this->saver();
  ASSERT_TRUE(saver.connect(loop_).ok());
  saver.soon();
  EXPECT_EQ(written(), "1");
  EXPECT_EQ(outcomes_, std::vector<bool>{true});
}

TEST_F(SaverTest, what_changes_while_it_is_written_is_written_after_it) {
  Saver saver = this->saver();
  ASSERT_TRUE(saver.connect(loop_).ok());
  ASSERT_TRUE(saver.start().ok());
  stop_after_ = 2;
  saver.soon();
  saver.soon();
  saver.soon();
  EXPECT_EQ(loop_.run().value(), 0);
  EXPECT_EQ(written(), "2") << "once for both";
}

TEST_F(SaverTest, who_needs_it_now_has_it_with_all_that_was_known) {
  Saver saver = this->saver();
  ASSERT_TRUE(saver.connect(loop_).ok());
  ASSERT_TRUE(saver.start().ok());
  saver.soon();
  saver.now();
  EXPECT_EQ(written(), "2");
  EXPECT_EQ(outcomes_, (std::vector<bool>{true, true}));
}

// To report how it went may change what is to be kept, as where a receiver takes an alert at once.
TEST_F(SaverTest, who_needs_it_now_has_also_what_the_outcome_has_changed) {
  Saver saver = this->saver();
  ASSERT_TRUE(saver.connect(loop_).ok());
  ASSERT_TRUE(saver.start().ok());
  noted_ = [&] {
    if (outcomes_.size() < 4) saver.soon();
  };
  saver.soon();
  saver.now();
  EXPECT_GE(taken_, 2);
  EXPECT_EQ(outcomes_.size(), static_cast<std::size_t>(taken_)) << "nothing is under way";
  EXPECT_EQ(written(), std::to_string(taken_));
}

TEST_F(SaverTest, what_cannot_be_written_is_told_and_tried_again_later) {
  tree_.write("state/state.json.new/inside", "");
  Saver saver = this->saver();
  ASSERT_TRUE(saver.connect(loop_).ok());
  saver.soon();
  EXPECT_EQ(outcomes_, std::vector<bool>{false});
  saver.soon();
  EXPECT_EQ(taken_, 1) << "its turn comes by the timer";
}

}  // namespace
}  // namespace sockwatch
