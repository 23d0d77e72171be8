// SPDX-License-Identifier: Apache-2.0
#include "lib/base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace sockwatch {
namespace {

int open_something() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

TEST(UniqueFd, closes_what_it_owns_once_it_goes) {
  const int raw = open_something();
  {
    const UniqueFd fd(raw);
    EXPECT_TRUE(fd.valid());
    EXPECT_TRUE(is_open(raw));
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(UniqueFd, moving_hands_the_descriptor_over) {
  const int raw = open_something();
  UniqueFd first(raw);
  const UniqueFd second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(second.get(), raw);
}

TEST(UniqueFd, assignment_closes_what_was_held_before) {
  const int old_raw = open_something();
  const int new_raw = open_something();
  UniqueFd fd(old_raw);
  fd = UniqueFd(new_raw);
  EXPECT_FALSE(is_open(old_raw));
  EXPECT_TRUE(is_open(new_raw));
}

TEST(UniqueFd, release_leaves_the_descriptor_open) {
  const int raw = open_something();
  {
    UniqueFd fd(raw);
    EXPECT_EQ(fd.release(), raw);
    EXPECT_FALSE(fd.valid());
  }
  EXPECT_TRUE(is_open(raw));
  (void)::close(raw);
}

TEST(UniqueFd, is_no_int_and_has_one_owner) {
  EXPECT_FALSE((std::is_convertible_v<UniqueFd, int>));
  EXPECT_FALSE((std::is_convertible_v<int, UniqueFd>));
  EXPECT_FALSE(std::is_copy_constructible_v<UniqueFd>);
}

}  // namespace
}  // namespace sockwatch
