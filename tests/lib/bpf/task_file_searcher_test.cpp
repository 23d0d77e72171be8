// SPDX-License-Identifier: Apache-2.0
// Asks the kernel that runs here about sockets of this very process. Skipped without the privileges.
#include "lib/bpf/task_file_searcher.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

constexpr std::size_t kPlenty = 100'000'000;

struct Socket {
  UniqueFd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint32_t inode() const {
    struct stat facts {};
    return ::fstat(fd.get(), &facts) == 0 ? static_cast<std::uint32_t>(facts.st_ino) : 0;
  }
};

class TaskFiles : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = TaskFileSearcher::open();
    if (!opened.ok()) GTEST_SKIP() << opened.error().message;
    searcher_ = *std::move(opened);
  }
  std::vector<HeldSocket> find(std::vector<std::uint32_t> inodes) {
    const auto search = searcher_->search(std::move(inodes));
    if (!search) throw std::runtime_error("no search");
    search->step(kPlenty);
    EXPECT_TRUE(search->done());
    EXPECT_FALSE(search->incomplete());
    return search->found();
  }
  std::unique_ptr<TaskFileSearcher> searcher_;
};

TEST_F(TaskFiles, names_the_process_that_holds_a_socket) {
  const Socket socket;
  const auto found = find({socket.inode()});
  ASSERT_EQ(found.size(), 1U);
  const Holder& holder = found[0].holder;
  EXPECT_EQ(found[0].inode, socket.inode());
  EXPECT_EQ(holder.id.pid, ::getpid());
  EXPECT_GT(holder.id.start_ticks, 0U);
  EXPECT_EQ(holder.uid, ::geteuid());
  EXPECT_EQ(holder.exe, "bpf_live_test");
  EXPECT_EQ(holder.comm, "bpf_live_test");
}

TEST_F(TaskFiles, several_descriptors_of_a_process_are_one_holder_and_a_child_is_another) {
  const Socket socket;
  const UniqueFd again(::dup(socket.fd.get()));
  int line[2];
  ASSERT_EQ(::pipe(line), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte;
    ::close(line[1]);
    (void)!::read(line[0], &byte, 1);
    ::_exit(0);
  }
  auto found = find({socket.inode()});
  ::close(line[0]);
  ::close(line[1]);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  std::vector<std::int32_t> pids;
  for (const HeldSocket& held : found) pids.push_back(held.holder.id.pid);
  std::sort(pids.begin(), pids.end());
  EXPECT_EQ(pids, (std::vector<std::int32_t>{std::min(::getpid(), child), std::max(::getpid(), child)}));
}

TEST_F(TaskFiles, finds_exactly_what_it_is_asked_for) {
  std::vector<Socket> sockets(100);
  std::vector<std::uint32_t> wanted;
  for (std::size_t i = 0; i < sockets.size(); i += 2) wanted.push_back(sockets[i].inode());
  auto asked = wanted;
  asked.insert(asked.end(), {1U, 2U, UINT32_MAX - 1});  // nobody's
  asked.push_back(wanted.front());
  std::vector<std::uint32_t> inodes;
  for (const HeldSocket& held : find(asked)) inodes.push_back(held.inode);
  std::sort(inodes.begin(), inodes.end());
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(inodes, wanted);
  EXPECT_TRUE(find({}).empty()) << "the next search has forgotten them";
}

TEST_F(TaskFiles, a_small_budget_only_takes_more_calls) {
  const Socket socket;
  std::vector<UniqueFd> many;
  for (int i = 0; i < 900; ++i) many.emplace_back(::dup(socket.fd.get()));
  const auto search = searcher_->search({socket.inode()});
  int calls = 0;
  while (!search->done() && calls < 1'000'000) {
    EXPECT_GT(search->step(1), 0U);
    ++calls;
  }
  EXPECT_GT(calls, 900) << "each descriptor is told, and a call takes one read";
  EXPECT_EQ(search->found().size(), 1U);
}

TEST_F(TaskFiles, more_than_fit_are_left_to_the_next_search) {
  std::vector<std::uint32_t> inodes(20'000);
  for (std::uint32_t i = 0; i < inodes.size(); ++i) inodes[i] = i + 1;
  const auto search = searcher_->search(inodes);
  EXPECT_TRUE(search->looks_for(1));
  EXPECT_FALSE(search->looks_for(20'000));
}

}  // namespace
}  // namespace sockwatch
