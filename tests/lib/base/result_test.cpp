// SPDX-License-Identifier: Apache-2.0
#include "lib/base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace sockwatch {
namespace {

TEST(Error, of_a_call_says_what_was_done_and_why_it_failed) {
  const Error error = Error::from_errno("open /etc/x", EACCES);
  EXPECT_EQ(error.message, "open /etc/x: Permission denied");
  EXPECT_EQ(error.code, EACCES);
}

TEST(Error, within_puts_the_context_in_front_and_keeps_the_code) {
  const Error error = Error::from_errno("open x", ENOENT).within("state").within("start");
  EXPECT_EQ(error.message, "start: state: open x: No such file or directory");
  EXPECT_EQ(error.code, ENOENT);
}

TEST(Result, is_a_value_or_an_error) {
  const Result<int> good = 7;
  EXPECT_TRUE(good.ok());
  EXPECT_TRUE(static_cast<bool>(good));
  EXPECT_EQ(*good, 7);

  const Result<int> bad = Error{"no"};
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().message, "no");
  EXPECT_EQ(bad.error().code, 0);
}

TEST(Result, asked_for_what_it_does_not_hold_never_answers_with_garbage) {
  EXPECT_THROW((void)Result<int>(Error{"no"}).value(), std::bad_variant_access);
  EXPECT_THROW((void)Result<int>(7).error(), std::bad_variant_access);
}

TEST(Result, hands_on_a_value_that_can_only_move) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> value = *std::move(result);
  EXPECT_EQ(*value, 7);
}

TEST(Result, gives_access_to_members_of_the_value) {
  const Result<std::string> good = std::string("text");
  EXPECT_EQ(good->size(), 4U);
}

TEST(Result, of_nothing_is_good_until_an_error_comes) {
  EXPECT_TRUE(Result<void>().ok());
  const Result<void> bad = Error{"no", EIO};
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, EIO);
}

TEST(Error, knows_a_refusal) {
  EXPECT_TRUE(Error::from_errno("open", EACCES).is_refusal());
  EXPECT_TRUE(Error::from_errno("open", EPERM).is_refusal());
  EXPECT_FALSE(Error::from_errno("open", ENOENT).is_refusal());
  EXPECT_FALSE(Error{"in words"}.is_refusal());
}

}  // namespace
}  // namespace sockwatch
