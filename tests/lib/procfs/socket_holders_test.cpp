// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/socket_holders.h"

#include <gtest/gtest.h>

#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

constexpr std::size_t kPlenty = 1'000'000;

std::vector<std::pair<std::uint32_t, std::int32_t>> pairs(const HolderSearch& search) {
  std::vector<std::pair<std::uint32_t, std::int32_t>> all;
  for (const HeldSocket& held : search.found()) all.emplace_back(held.inode, held.holder.id.pid);
  return all;
}
using Pairs = std::vector<std::pair<std::uint32_t, std::int32_t>>;

TEST(HolderSearch, finds_every_holder_of_every_socket) {
  FileTree proc;
  add_process(proc, {.pid = 10, .comm = "parent", .sockets = {500, 501, 999}});
  add_process(proc, {.pid = 11, .comm = "child", .sockets = {500}, .start_ticks = 2000});
  add_process(proc, {.pid = 12, .sockets = {502}});
  RefusedProcesses refused;
  HolderSearch search({501, 500}, {10, 11, 12});
  search.step(proc.open(), refused, kPlenty);
  ASSERT_TRUE(search.done());
  EXPECT_EQ(search.denied(), 0U);
  auto found = pairs(search);
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (Pairs{{500, 10}, {500, 11}, {501, 10}}));
  EXPECT_EQ(search.found().back().holder.comm, "child");
  EXPECT_EQ(search.found().back().holder.id.start_ticks, 2000U);
}

TEST(HolderSearch, looks_only_at_the_processes_it_was_given) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {500}});
  add_process(proc, {.pid = 11, .sockets = {500}});
  RefusedProcesses refused;
  HolderSearch search({500}, {11});
  search.step(proc.open(), refused, kPlenty);
  EXPECT_EQ(pairs(search), (Pairs{{500, 11}}));
}

TEST(HolderSearch, a_process_with_two_descriptors_of_a_socket_holds_it_once) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {500, 500, 501, 500}});
  RefusedProcesses refused;
  HolderSearch search({500}, {10});
  search.step(proc.open(), refused, kPlenty);
  EXPECT_EQ(pairs(search), (Pairs{{500, 10}}));
}

TEST(HolderSearch, takes_nothing_else_for_a_socket) {
  FileTree proc;
  add_process(proc, {.pid = 10});
  int fd = 10;
  for (const std::string target :
       {"socket:[500", "socket:[]", "socket:[500]x", "socket:[-500]", "socket:[+500]", "socket:[4294967796]",
        "pipe:[500]", "anon_inode:[500]", "/tmp/socket:[500]", "[500]"}) {
    proc.link("10/fd/" + std::to_string(fd++), target);
  }
  proc.link("10/fd/50", "/" + std::string(200, 'x') + "socket:[500]");
  RefusedProcesses refused;
  HolderSearch search({500}, {10});
  search.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(search.found().empty());
}

TEST(HolderSearch, goes_on_where_its_budget_ended_and_finds_the_same) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {1, 2, 500, 3}});
  add_process(proc, {.pid = 11, .sockets = {4, 5, 6}});
  add_process(proc, {.pid = 12, .sockets = {7, 500}});
  RefusedProcesses refused;
  HolderSearch search({500}, {10, 11, 12});
  int calls = 0;
  while (!search.done()) {
    EXPECT_LE(search.step(proc.open(), refused, 1), 5U);
    ASSERT_LT(++calls, 100);
  }
  EXPECT_GT(calls, 10);
  EXPECT_EQ(pairs(search), (Pairs{{500, 10}, {500, 12}}));
  EXPECT_EQ(search.step(proc.open(), refused, kPlenty), 0U);
}

TEST(HolderSearch, skips_processes_that_ended) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {1, 2, 500}});
  add_process(proc, {.pid = 12, .sockets = {500}});
  RefusedProcesses refused;
  HolderSearch search({500}, {9, 10, 11, 12});
  search.step(proc.open(), refused, 4);  // is inside of 10 now
  ASSERT_FALSE(search.done());
  proc.remove("10");
  search.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(search.done());
  EXPECT_EQ(pairs(search), (Pairs{{500, 12}}));
  EXPECT_EQ(search.denied(), 0U);
}

TEST(HolderSearch, never_gives_the_successor_of_a_pid_what_the_dead_one_held) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {500}});
  RefusedProcesses refused;
  HolderSearch search({500}, {10});
  search.step(proc.open(), refused, 1);  // has opened the process, and seen nothing yet
  ASSERT_FALSE(search.done());
  proc.remove("10");
  add_process(proc, {.pid = 10, .comm = "successor", .sockets = {500}, .start_ticks = 5000});
  search.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(search.done());
  EXPECT_TRUE(search.found().empty());
}

TEST(HolderSearch, who_ends_before_its_name_was_read_is_no_holder) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {500, 501}});
  proc.remove("10/stat");
  RefusedProcesses refused;
  HolderSearch search({500, 501}, {10});
  search.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(search.done());
  EXPECT_TRUE(search.found().empty());
}

TEST(HolderSearch, asks_a_process_that_refused_never_again) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {500}, .start_ticks = 70});
  RefusedProcesses refused;
  {
    const ClosedDirectory closed(proc.at("10/fd"));
    const Dir root = proc.open();
    const Unprivileged nobody;
    if (!nobody.active()) GTEST_SKIP() << "cannot drop privileges";
    HolderSearch search({500}, {10});
    search.step(root, refused, kPlenty);
    EXPECT_EQ(search.denied(), 1U);
    EXPECT_TRUE(search.found().empty());
  }
  // Now it would answer: that nothing is found proves that nobody asked.
  HolderSearch again({500}, {10});
  again.step(proc.open(), refused, kPlenty);
  EXPECT_EQ(again.denied(), 1U);
  EXPECT_TRUE(again.found().empty());

  // Its pid's next process is another one.
  proc.write("10/stat", stat_line(10, "successor", 71));
  HolderSearch next({500}, {10});
  next.step(proc.open(), refused, kPlenty);
  EXPECT_EQ(next.denied(), 0U);
  EXPECT_EQ(pairs(next), (Pairs{{500, 10}}));
}

TEST(HolderSearch, counts_a_process_whose_links_refuse) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {500, 501, 502}});
  const ClosedDirectory no_search(proc.at("10/fd"), 0444);
  const Dir root = proc.open();
  const Unprivileged nobody;
  if (!nobody.active()) GTEST_SKIP() << "cannot drop privileges";
  RefusedProcesses refused;
  HolderSearch search({500}, {10});
  const std::size_t steps = search.step(root, refused, kPlenty);
  EXPECT_EQ(search.denied(), 1U);
  EXPECT_LE(steps, 3U);  // the first link was enough
  EXPECT_TRUE(refused.contains(root, 10));
}

// hidepid=1 lists every process and opens none.
TEST(HolderSearch, counts_a_process_that_cannot_even_be_opened_and_asks_it_no_more) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {500}});
  RefusedProcesses refused;
  {
    const ClosedDirectory closed(proc.at("10"));
    const Dir root = proc.open();
    const Unprivileged nobody;
    if (!nobody.active()) GTEST_SKIP() << "cannot drop privileges";
    HolderSearch search({500}, {10});
    search.step(root, refused, kPlenty);
    EXPECT_EQ(search.denied(), 1U);
  }
  HolderSearch again({500}, {10});
  again.step(proc.open(), refused, kPlenty);
  EXPECT_EQ(again.denied(), 1U);
}

TEST(RefusedProcesses, forgets_those_who_are_no_more) {
  FileTree proc;
  add_process(proc, {.pid = 10, .start_ticks = 70});
  add_process(proc, {.pid = 11, .start_ticks = 70});
  RefusedProcesses refused;
  refused.add({10, 70});
  refused.add({11, 70});
  refused.add({12, 0});
  EXPECT_TRUE(refused.contains(proc.open(), 12));
  const std::vector<std::int32_t> alive{11, 13};
  refused.keep_only(alive);
  EXPECT_FALSE(refused.contains(proc.open(), 10));
  EXPECT_TRUE(refused.contains(proc.open(), 11));
  EXPECT_FALSE(refused.contains(proc.open(), 12));
}

TEST(HolderSearch, sees_what_only_an_io_uring_holds) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {400}});
  proc.link("10/fd/7", "anon_inode:[io_uring]");
  proc.write(
      "10/fdinfo/7",
      "pos:\t0\nSqMask:\t0x3\nUserFiles:\t2\n    0: socket:[500]\n    1: socket:[600]\nUserBufs:\t0\n");
  RefusedProcesses refused;
  HolderSearch search({500}, {10}, HolderSearch::Thoroughness::Everything);
  search.step(proc.open(), refused, kPlenty);
  EXPECT_EQ(pairs(search), (Pairs{{500, 10}}));
}

TEST(HolderSearch, reads_the_files_of_a_ring_and_nothing_else) {
  EXPECT_EQ(parse_ring_sockets("    0: socket:[1]\n   12: socket:[22]\n    3: /etc/passwd\n"),
            (std::vector<std::uint32_t>{1, 22}));
  for (const std::string_view text :
       {"", "UserFiles:\t1\n", "    0: socket:[]", "    0: socket:[x]", "x: socket:[1]", "0 socket:[1]",
        "    0: socket:[99999999999]", ": socket:[1]"}) {
    EXPECT_TRUE(parse_ring_sockets(text).empty()) << text;
  }
}

TEST(HolderSearch, leaves_rings_alone_unless_it_is_thorough) {
  FileTree proc;
  add_process(proc, {.pid = 10});
  proc.link("10/fd/7", "anon_inode:[io_uring]");
  proc.write("10/fdinfo/7", "UserFiles:\t1\n    0: socket:[500]\n");
  RefusedProcesses refused;
  HolderSearch search({500}, {10});
  search.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(pairs(search).empty());
  EXPECT_EQ(search.rings_skipped(), 0U) << "they were not asked for";
}

TEST(HolderSearch, reads_few_rings_of_a_process_and_none_that_has_too_much_to_say) {
  FileTree proc;
  add_process(proc, {.pid = 10});
  for (int fd = 100; fd < 200; ++fd) {
    proc.link("10/fd/" + std::to_string(fd), "anon_inode:[io_uring]");
    proc.write("10/fdinfo/" + std::to_string(fd), "UserFiles:\t0\n");
  }
  add_process(proc, {.pid = 11});
  proc.link("11/fd/7", "anon_inode:[io_uring]");
  proc.write("11/fdinfo/7", std::string(1'000'000, 'x') + "\n    0: socket:[500]\n");
  RefusedProcesses refused;
  HolderSearch search({500}, {10, 11}, HolderSearch::Thoroughness::Everything);
  search.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(search.done());
  EXPECT_TRUE(pairs(search).empty());
  EXPECT_GE(search.rings_skipped(), 97U);
}

// A folder has as many links as directories in it, as /proc/PID/task has for its threads.
void add_thread(FileTree& proc, std::int32_t pid, std::int32_t thread,
                const std::vector<std::pair<int, std::uint32_t>>& sockets) {
  const std::string dir = std::to_string(pid) + "/task/" + std::to_string(thread) + "/fd/";
  proc.add(dir);
  for (const auto& [fd, inode] : sockets)
    proc.link(dir + std::to_string(fd), "socket:[" + std::to_string(inode) + "]");
}

TEST(HolderSearch, sees_what_only_a_thread_holds_and_names_its_descriptor) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {400}});
  add_thread(proc, 10, 10, {{3, 400}});
  add_thread(proc, 10, 12, {{0, 1}, {3, 400}, {9, 500}});
  RefusedProcesses refused;
  HolderSearch quick({500}, {10});
  quick.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(pairs(quick).empty());
  HolderSearch search({500}, {10}, HolderSearch::Thoroughness::Everything);
  search.step(proc.open(), refused, kPlenty);
  ASSERT_EQ(pairs(search), (Pairs{{500, 10}}));
  EXPECT_EQ(search.found()[0].thread, 12);
  EXPECT_EQ(search.found()[0].fd, 9);
}

TEST(HolderSearch, looks_at_a_table_that_many_threads_share_once) {
  FileTree proc;
  add_process(proc, {.pid = 10, .sockets = {400, 401, 402}});
  std::vector<std::pair<int, std::uint32_t>> shared{{0, 1}, {3, 400}, {4, 401}, {5, 402}};
  for (std::int32_t thread = 10; thread < 60; ++thread) add_thread(proc, 10, thread, shared);
  RefusedProcesses refused;
  HolderSearch search({500}, {10}, HolderSearch::Thoroughness::Everything);
  const std::size_t steps = search.step(proc.open(), refused, kPlenty);
  EXPECT_TRUE(search.done());
  EXPECT_LE(steps, 50U * 2 + 20) << "a thread costs what it takes to see that its table is the same";
}

}  // namespace
}  // namespace sockwatch
