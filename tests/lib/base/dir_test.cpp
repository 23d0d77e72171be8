// SPDX-License-Identifier: Apache-2.0
#include "lib/base/dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

TEST(Dir, a_folder_that_is_not_there_is_named_in_the_error) {
  const FileTree tree;
  const auto dir = Dir::open(tree.at("missing"));
  ASSERT_FALSE(dir.ok());
  EXPECT_EQ(dir.error().message, "open " + tree.path() + "/missing: No such file or directory");
  EXPECT_EQ(dir.error().code, ENOENT);
}

TEST(Dir, a_file_is_no_folder) {
  const FileTree tree("name = x");
  EXPECT_EQ(Dir::open(tree.at("name")).error().code, ENOTDIR);
  EXPECT_EQ(tree.open().open_dir("name").error().code, ENOTDIR);
}

TEST(Dir, reads_a_file_relative_to_itself) {
  const FileTree tree("12/comm = sshd");
  const auto process = tree.open().open_dir("12");
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process->read_file("comm", 100).value(), "sshd\n");
  EXPECT_EQ(process->path(), tree.path() + "/./12");
}

TEST(Dir, a_file_of_exactly_the_cap_is_read_and_a_longer_one_refused) {
  FileTree tree;
  for (const std::size_t cap : {0U, 1U, 4095U, 4096U, 4097U, 10000U}) {
    tree.write("fits", std::string(cap, 'x'));
    tree.write("long", std::string(cap + 1, 'x'));
    EXPECT_EQ(tree.open().read_file("fits", cap).value(), std::string(cap, 'x'));
    const auto longer = tree.open().read_file("long", cap);
    ASSERT_FALSE(longer.ok()) << cap;
    EXPECT_EQ(longer.error().code, EFBIG);
  }
}

TEST(Dir, foreign_bytes_are_read_as_they_are) {
  FileTree tree;
  const std::string bytes("a\0\xFF\n", 4);
  tree.write("bytes", bytes);
  EXPECT_EQ(tree.open().read_file("bytes", 4).value(), bytes);
}

TEST(Dir, a_file_is_roots_alone_where_nobody_else_owns_or_writes_it) {
  EXPECT_TRUE(Dir::open("/etc")->is_roots_alone("passwd"));
  EXPECT_FALSE(Dir::open("/")->is_roots_alone("tmp")) << "anybody may write there";
  const FileTree tree("program = x");
  EXPECT_FALSE(tree.open().is_roots_alone("missing"));
  ASSERT_EQ(::chmod(tree.at("program").c_str(), 0755), 0);
  EXPECT_EQ(tree.open().is_roots_alone("program"), ::geteuid() == 0);
  ASSERT_EQ(::chmod(tree.at("program").c_str(), 0775), 0);
  EXPECT_FALSE(tree.open().is_roots_alone("program"));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chmod(tree.at("program").c_str(), 0755), 0);
  ASSERT_EQ(::chown(tree.at("program").c_str(), 1, 0), 0);
  EXPECT_FALSE(tree.open().is_roots_alone("program"));
}

TEST(Dir, a_fifo_in_a_files_place_does_not_hang_the_reader) {
  const FileTree tree;
  ASSERT_EQ(::mkfifo(tree.at("fifo").c_str(), 0600), 0);
  EXPECT_EQ(tree.open().read_file("fifo", 10).value(), "");
}

TEST(Dir, a_name_is_taken_by_whatever_has_it) {
  const FileTree tree("folder/\nfile = x\nlink -> nowhere");
  for (const char* name : {"folder", "file", "link", "file/below"})
    EXPECT_TRUE(tree.open().has(name)) << name;
  EXPECT_FALSE(tree.open().has("missing"));
}

TEST(Dir, a_file_that_tells_a_size_past_the_cap_is_refused_unread) {
  const FileTree tree("file = x");
  std::filesystem::resize_file(tree.at("file"), std::uintmax_t{1} << 40);
  EXPECT_EQ(tree.open().read_file("file", 1 << 20).error().code, EFBIG);
}

TEST(Dir, reading_what_is_no_file_is_an_error) {
  const FileTree tree("folder/\nloop -> loop");
  EXPECT_EQ(tree.open().read_file("folder", 10).error().code, EISDIR);
  EXPECT_EQ(tree.open().read_file("missing", 10).error().code, ENOENT);
  EXPECT_EQ(tree.open().read_file("loop", 10).error().code, ELOOP);
}

TEST(Dir, a_links_target_is_read_and_not_followed) {
  const FileTree tree("exe -> /usr/bin/gone (deleted)\nfile = x");
  EXPECT_EQ(tree.open().read_link("exe").value(), "/usr/bin/gone (deleted)");
  EXPECT_EQ(tree.open().read_link("file").error().code, EINVAL);
}

TEST(Dir, entries_come_without_the_dots_and_again_each_time) {
  const FileTree tree("1/\n22/\nself -> 1\n.hidden = x");
  const Dir dir = tree.open();
  for (int time = 0; time < 2; ++time) {
    auto names = dir.entries().value();
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{".hidden", "1", "22", "self"}));
  }
}

TEST(Dir, identity_and_inode_are_those_of_stat) {
  const FileTree tree("file = x\nlink -> file");
  struct stat expected {};
  ASSERT_EQ(::stat(tree.path().c_str(), &expected), 0);
  const auto identity = tree.open().identity().value();
  EXPECT_EQ(identity.inode, expected.st_ino);
  EXPECT_EQ(identity.uid, expected.st_uid);

  ASSERT_EQ(::stat(tree.at("file").c_str(), &expected), 0);
  EXPECT_EQ(tree.open().inode_of("link").value(), expected.st_ino);
  EXPECT_EQ(tree.open().inode_of("missing").error().code, ENOENT);
}

// As with /proc/PID when the process ends and its number is given to another.
TEST(Dir, a_vanished_folder_is_not_mixed_up_with_its_successor) {
  FileTree tree("7/comm = old");
  const Dir dead = tree.open("7");
  tree.remove("7");
  tree.add("7/comm = new\n7/exe -> /bin/new");
  EXPECT_EQ(dead.read_file("comm", 100).error().code, ENOENT);
  EXPECT_EQ(dead.read_link("exe").error().code, ENOENT);
  const auto entries = dead.entries();
  EXPECT_TRUE(!entries.ok() || entries->empty());
}

TEST(Dir, is_closed_on_exec) {
  const FileTree tree;
  const Dir dir = tree.open();
  EXPECT_EQ(::fcntl(dir.fd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

}  // namespace
}  // namespace sockwatch
