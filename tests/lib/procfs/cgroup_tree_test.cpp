// SPDX-License-Identifier: Apache-2.0
// A plain folder stands in for the cgroup tree; its inodes are the ids.
#include "lib/procfs/cgroup_tree.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

using Answer = CgroupTree::Answer;

std::uint64_t id_of(const FileTree& tree, std::string_view path) {
  struct stat facts {};
  EXPECT_EQ(::stat(tree.at(path).c_str(), &facts), 0);
  return facts.st_ino;
}

CgroupTree::Lookup look_up(CgroupTree& tree, std::uint64_t id) {
  return tree.paths_of(std::span(&id, 1)).at(0);
}

TEST(CgroupTree, finds_the_paths_of_ids) {
  const FileTree files(R"(
    cgroup.controllers = cpu memory
    system.slice/ssh.service/cgroup.procs = 77
    a/b/c/
  )");
  auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  const std::uint64_t ids[] = {id_of(files, "system.slice/ssh.service"), id_of(files, "a/b/c"),
                               id_of(files, ".")};
  const auto found = tree->paths_of(ids);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].path, "/system.slice/ssh.service");
  EXPECT_EQ(found[1].path, "/a/b/c");
  EXPECT_EQ(found[2].path, "/");
  for (const auto& lookup : found) EXPECT_EQ(lookup.answer, Answer::Found);
}

TEST(CgroupTree, takes_the_v2_part_of_a_hybrid_machine) {
  const FileTree files(R"(
    memory/system.slice/cgroup.procs = 1
    unified/cgroup.controllers = cpu
    unified/system.slice/cron.service/cgroup.procs = 5
  )");
  auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  const auto id = id_of(files, "unified/system.slice/cron.service");
  EXPECT_EQ(look_up(*tree, id).path, "/system.slice/cron.service");
  EXPECT_EQ(look_up(*tree, id_of(files, "memory/system.slice")).answer, Answer::Gone);
}

TEST(CgroupTree, a_machine_with_v1_only_is_an_error) {
  const FileTree files("memory/cgroup.procs = 1\n unified/");
  EXPECT_FALSE(CgroupTree::open(files.path()).ok());
  EXPECT_FALSE(CgroupTree::open(files.path() + "/nowhere").ok());
}

TEST(CgroupTree, sees_cgroups_made_since_the_last_question) {
  FileTree files("cgroup.controllers = cpu\n old.service/");
  auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(look_up(*tree, id_of(files, "old.service")).path, "/old.service");
  files.add("new.service/");
  EXPECT_EQ(look_up(*tree, id_of(files, "new.service")).path, "/new.service");
}

TEST(CgroupTree, a_removed_cgroup_is_gone_and_no_id_is_unknown) {
  FileTree files("cgroup.controllers = cpu\n short.service/");
  auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok());
  const auto id = id_of(files, "short.service");
  files.remove("short.service");
  EXPECT_EQ(look_up(*tree, id).answer, Answer::Gone);
  EXPECT_EQ(look_up(*tree, 0).answer, Answer::Unknown);
  EXPECT_EQ(look_up(*tree, 0).path, "");
}

TEST(CgroupTree, a_large_tree_is_walked_in_parts_and_nothing_in_it_is_gone_before_the_end) {
  const FileTree files("cgroup.controllers = cpu");
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    ASSERT_EQ(::mkdir(files.at(name).c_str(), 0755), 0);
    ids.push_back(id_of(files, name));
  }
  auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok());
  int calls = 0;
  std::size_t found = 0;
  for (; found < ids.size() && calls < 100'000; ++calls) {
    found = 0;
    for (const auto& lookup : tree->paths_of(ids, std::chrono::microseconds(50))) {
      EXPECT_NE(lookup.answer, Answer::Gone);
      found += lookup.answer == Answer::Found ? 1U : 0U;
    }
  }
  EXPECT_EQ(found, ids.size());
  EXPECT_GT(calls, 1);
}

TEST(CgroupTree, remembers_where_a_removed_cgroup_was) {
  FileTree files("cgroup.controllers = cpu\n system.slice/demo.socket/cgroup.procs = 1");
  auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  const auto id = id_of(files, "system.slice/demo.socket");
  EXPECT_EQ(look_up(*tree, id).answer, Answer::Found);
  files.remove("system.slice/demo.socket");
  auto fresh = CgroupTree::open(files.path());
  EXPECT_EQ(look_up(*fresh, id).path, "") << "who never saw it does not know";
  EXPECT_EQ(look_up(*tree, id).path, "/system.slice/demo.socket");
}

TEST(CgroupTree, follows_no_links_and_takes_files_for_no_cgroups) {
  FileTree files("cgroup.controllers = cpu\n real.service/\n a.service -> real.service");
  files.write("file.service", "");
  auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(look_up(*tree, id_of(files, "real.service")).path, "/real.service");
  EXPECT_EQ(look_up(*tree, id_of(files, "file.service")).answer, Answer::Gone);
}

TEST(CgroupTree, lists_the_processes_of_exactly_one_cgroup) {
  FileTree files("cgroup.controllers = cpu\n cgroup.procs = 1\n empty.service/");
  files.write("a.service/cgroup.procs", "77\n0\n80\nx\n\n-3\n");
  files.write("a.service/child/cgroup.procs", "90\n");
  files.write("empty.service/cgroup.procs", "");
  const auto tree = CgroupTree::open(files.path());
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(tree->pids_of("/a.service").value(), (std::vector<std::int32_t>{77, 80}));
  EXPECT_EQ(tree->pids_of("/empty.service").value(), std::vector<std::int32_t>{});
  EXPECT_EQ(tree->pids_of("/").value(), std::vector<std::int32_t>{1});
  EXPECT_FALSE(tree->pids_of("/b.service").ok());
}

}  // namespace
}  // namespace sockwatch
