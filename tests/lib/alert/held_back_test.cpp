// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/held_back.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

using Names = std::vector<std::string>;

Alert about(std::string subject, std::string message = {}) {
  Alert alert;
  alert.subject = std::move(subject);
  alert.message = std::move(message);
  return alert;
}

Names names(const std::vector<Alert>& alerts) {
  Names names;
  for (const Alert& alert : alerts) names.push_back(alert.subject + alert.message);
  return names;
}

TEST(HeldBack, origins_take_turns_and_the_oldest_goes_first) {
  HeldBack held;
  for (const char* subject : {"1", "2", "3"}) held.add(about(subject), "crowd");
  held.add(about("9"), "other");
  EXPECT_EQ(names(held.take(3, 2)), (Names{"1", "9", "2"}));
  EXPECT_EQ(names(held.take(3, 2)), Names{"3"});
  EXPECT_TRUE(held.empty());
}

TEST(HeldBack, one_subject_is_there_once) {
  HeldBack held;
  held.add(about("1", " first"), "a");
  held.add(about("1", " second"), "b");
  EXPECT_EQ(names(held.all()), Names{"1 second"});
  held.drop("1");
  held.drop("never there");
  EXPECT_TRUE(held.all().empty());
}

TEST(HeldBack, what_stands_no_more_is_forgotten) {
  HeldBack held;
  for (const char* subject : {"1", "2", "3"}) held.add(about(subject), "a");
  held.keep_only({"2", "7"});
  EXPECT_EQ(names(held.all()), Names{"2"});
}

TEST(HeldBack, too_many_cost_the_crowd_its_newest) {
  HeldBack held;
  held.add(about("quiet"), "other");
  for (std::size_t i = 0; i < HeldBack::kMost + 10; ++i) held.add(about(std::to_string(i)), "crowd");
  held.add(about("late"), "third");
  EXPECT_EQ(held.size(), HeldBack::kMost);
  EXPECT_EQ(names(held.take(3, 1)), (Names{"0", "quiet", "late"}));
}

}  // namespace
}  // namespace sockwatch
