// SPDX-License-Identifier: Apache-2.0
#include "daemon/privileges.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <string>
#include <thread>

namespace sockwatch {
namespace {

constexpr std::uint64_t kGivenUp =
    std::uint64_t{1} << 12 | std::uint64_t{1} << 38 | std::uint64_t{1} << 39;  // NET_ADMIN, PERFMON, BPF

// "CapPrm:\t000001ffffffffff" of the calling thread.
std::uint64_t capabilities(const std::string& set) {
  std::ifstream status("/proc/thread-self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(set + ":")) return std::stoull(line.substr(set.size() + 1), nullptr, 16);
  }
  ADD_FAILURE() << "no " << set;
  return 0;
}

// What a thread gives up the others keep: so nothing of this stays.
TEST(Privileges, what_only_the_start_needed_is_given_up_and_the_rest_kept) {
  std::thread([] {
    const std::uint64_t before = capabilities("CapPrm");
    const auto given_up = give_up_privileges();
    ASSERT_TRUE(given_up.ok()) << given_up.error().message;
    for (const char* set : {"CapPrm", "CapEff", "CapInh", "CapAmb"}) {
      EXPECT_EQ(capabilities(set) & kGivenUp, 0U) << set;
    }
    EXPECT_EQ(capabilities("CapPrm"), before & ~kGivenUp);
    EXPECT_TRUE(give_up_privileges().ok()) << "nothing is left to give up";
    std::thread([] { EXPECT_EQ(capabilities("CapEff") & kGivenUp, 0U); }).join();
  }).join();
}

TEST(Privileges, other_threads_are_counted) {
  const std::size_t before = other_threads();  // a sanitizer's
  std::promise<void> end;
  std::thread other([ended = end.get_future()] { ended.wait(); });
  EXPECT_EQ(other_threads(), before + 1);
  end.set_value();
  other.join();
}

TEST(Privileges, what_is_missing_to_see_other_users_programs_is_named) {
  std::thread([] {
    if (::geteuid() == 0) {
      ASSERT_EQ(::syscall(SYS_setresuid, -1, 65534, -1), 0);
    }  // of this thread alone: takes what is effective
    EXPECT_EQ(missing_sight(),
              "programs of other users may stay unknown: that takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
  }).join();
}

}  // namespace
}  // namespace sockwatch
