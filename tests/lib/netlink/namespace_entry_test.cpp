// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/namespace_entry.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "tests/fakes/namespace_of_own.h"

namespace sockwatch {
namespace {

std::uint64_t own_inode() {
  struct stat facts {};
  return ::stat("/proc/thread-self/ns/net", &facts) == 0 ? facts.st_ino : 0;
}

class Entry : public testing::Test {
 protected:
  void SetUp() override {
    if (there_.error() != 0) GTEST_SKIP() << "needs CAP_SYS_ADMIN to make a network namespace";
  }
  NamespaceOfOwn there_;
};

TEST_F(Entry, opens_a_channel_there_and_is_back_at_once) {
  const std::uint64_t before = own_inode();
  const auto channel = open_channel_in(there_.path(), there_.inode());
  ASSERT_TRUE(channel.ok()) << channel.error().message;
  EXPECT_EQ(own_inode(), before);
  const auto here = KernelChannel::open();
  ASSERT_TRUE(here.ok());
  EXPECT_NE((*channel)->name_space(), (*here)->name_space());
}

TEST_F(Entry, leaves_no_descriptor_behind_but_the_channel) {
  const int before = ::dup(STDERR_FILENO);  // the lowest that is free
  ::close(before);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(open_channel_in(there_.path(), there_.inode()).ok());
  const int after = ::dup(STDERR_FILENO);
  ::close(after);
  EXPECT_EQ(after, before);
}

TEST_F(Entry, refuses_another_namespace_than_the_one_it_was_told) {
  const auto wrong = open_channel_in(there_.path(), there_.inode() + 1);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, ENOENT);
}

TEST_F(Entry, says_what_is_no_namespace) {
  EXPECT_EQ(open_channel_in("/nowhere", 1).error().code, ENOENT);
  struct stat facts {};
  ASSERT_EQ(::stat("/proc/self/ns/pid", &facts), 0);
  EXPECT_EQ(open_channel_in("/proc/self/ns/pid", facts.st_ino).error().code, EINVAL);
}

}  // namespace
}  // namespace sockwatch
