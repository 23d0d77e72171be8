// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/ancestry.h"

#include <gtest/gtest.h>

#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

class Ancestry : public testing::Test {
 protected:
  void born(std::int32_t pid, std::string comm, std::int32_t parent, std::uint64_t start_ticks) {
    add_process(proc_, {.pid = pid, .comm = std::move(comm), .start_ticks = start_ticks, .parent = parent});
  }
  std::string parents_of_process(std::int32_t pid, std::uint64_t start_ticks) {
    Owner owner;
    owner.holders = {{{pid, start_ticks}, "nc", "/usr/bin/nc", 0}};
    return parents_of(owner, proc_.path());
  }

  FileTree proc_;
};

TEST_F(Ancestry, goes_up_to_the_first_process) {
  born(1, "systemd", 0, 1);
  born(20, "sshd", 1, 20);
  born(30, "bash", 20, 30);
  born(40, "nc", 30, 40);
  EXPECT_EQ(parents_of_process(40, 40), "bash (30) < sshd (20) < systemd (1)");
  EXPECT_EQ(parents_of_process(1, 1), "");
}

TEST_F(Ancestry, ends_where_a_parent_is_gone_or_its_pid_is_another_s) {
  born(30, "bash", 20, 30);
  born(40, "nc", 30, 40);
  EXPECT_EQ(parents_of_process(40, 40), "bash (30)");
  born(20, "later", 1, 35);
  EXPECT_EQ(parents_of_process(40, 40), "bash (30)");
}

TEST_F(Ancestry, is_bounded) {
  for (std::int32_t pid = 1; pid <= 20; ++pid) born(pid, "p", pid - 1, 1);
  EXPECT_EQ(parents_of_process(20, 1),
            "p (19) < p (18) < p (17) < p (16) < p (15) < p (14) < p (13) < p (12)");
}

TEST_F(Ancestry, of_nobody_or_of_a_process_that_is_gone_there_is_none) {
  EXPECT_EQ(parents_of({}, proc_.path()), "");
  born(1, "systemd", 0, 1);
  born(40, "other", 1, 41);
  EXPECT_EQ(parents_of_process(40, 40), "") << "the pid is another's by now";
  EXPECT_EQ(parents_of_process(50, 50), "");
}

TEST_F(Ancestry, a_name_cannot_pretend_to_be_a_chain) {
  born(1, "x (7) < y", 0, 1);
  born(40, "nc", 1, 40);
  EXPECT_EQ(parents_of_process(40, 40), "x _7_ _ y (1)");
}

}  // namespace
}  // namespace sockwatch
