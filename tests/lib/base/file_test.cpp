// SPDX-License-Identifier: Apache-2.0
#include "lib/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/fakes/file_tree.h"
#include "tests/fakes/full_disk.h"

namespace sockwatch {
namespace {

std::string content(const FileTree& tree, const char* name) {
  return tree.open().read_file(name, 1 << 20).value();
}

TEST(ReplaceFile, writes_a_file_for_the_owner_alone_and_leaves_nothing_else) {
  const FileTree tree;
  ASSERT_TRUE(replace_file(tree.path(), "state", "text").ok());
  EXPECT_EQ(content(tree, "state"), "text");
  struct stat facts {};
  ASSERT_EQ(::stat(tree.at("state").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600U);
  EXPECT_EQ(tree.open().entries().value(), std::vector<std::string>{"state"});
}

TEST(ReplaceFile, the_new_text_takes_the_place_of_the_whole_old_one) {
  const FileTree tree("state = a longer text than the new one");
  ASSERT_TRUE(replace_file(tree.path(), "state", "new").ok());
  EXPECT_EQ(content(tree, "state"), "new");
}

TEST(ReplaceFile, a_reader_that_has_the_old_file_open_keeps_it) {
  const FileTree tree("state = old");
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat(tree.at("state").c_str(), &before), 0);
  std::ifstream reader(tree.at("state"));
  ASSERT_TRUE(replace_file(tree.path(), "state", "new").ok());
  ASSERT_EQ(::stat(tree.at("state").c_str(), &after), 0);
  EXPECT_NE(before.st_ino, after.st_ino);
  std::string line;
  std::getline(reader, line);
  EXPECT_EQ(line, "old");
}

TEST(ReplaceFile, the_old_file_stays_when_the_disk_fills_up) {
  const FileTree tree("state = old");
  const auto result = [&tree] {
    const FullDisk disk(3);
    return replace_file(tree.path(), "state", "does not fit");
  }();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, EFBIG);
  EXPECT_EQ(result.error().message, "write " + tree.path() + "/state.new: File too large");
  EXPECT_EQ(content(tree, "state"), "old\n");
  EXPECT_EQ(tree.open().entries().value(), std::vector<std::string>{"state"});
}

TEST(ReplaceFile, the_old_file_stays_when_the_temporary_cannot_be_made) {
  const FileTree tree("state = old\nstate.new/inside = x");
  EXPECT_EQ(replace_file(tree.path(), "state", "new").error().code, EEXIST);
  EXPECT_EQ(content(tree, "state"), "old\n");
}

TEST(ReplaceFile, a_link_in_the_temporarys_place_is_not_followed) {
  const FileTree tree("victim = precious\nstate.new -> victim");
  ASSERT_TRUE(replace_file(tree.path(), "state", "new").ok());
  EXPECT_EQ(content(tree, "state"), "new");
  EXPECT_EQ(content(tree, "victim"), "precious\n");
}

TEST(ReplaceFile, a_pipe_in_the_temporarys_place_is_not_waited_for) {
  const FileTree tree;
  ASSERT_EQ(::mkfifo(tree.at("state.new").c_str(), 0600), 0);
  ASSERT_TRUE(replace_file(tree.path(), "state", "new").ok());
  EXPECT_EQ(content(tree, "state"), "new");
}

TEST(ReplaceFile, a_second_name_of_another_file_in_the_temporarys_place_is_not_written_through) {
  const FileTree tree("victim = precious");
  std::filesystem::create_hard_link(tree.at("victim"), tree.at("state.new"));
  ASSERT_TRUE(replace_file(tree.path(), "state", "new").ok());
  EXPECT_EQ(content(tree, "victim"), "precious\n");
}

TEST(ReplaceFile, the_old_one_is_kept_under_another_name_whatever_the_two_are) {
  const struct {
    const char* before;
    const char* kept;
  } cases[] = {
      {"state = old", "old.state"},
      {"state = old\nold.state = older", "old.state"},
      {"state = old\nold.state/", "old.state"},
      {"state -> nowhere", "old.state"},
      {"state/inside = x", "old.state/inside"},
      {"state/inside = x\nold.state = older", "old.state/inside"},
      {"old.state = of an earlier time", "old.state"},
  };
  for (const auto& [before, kept] : cases) {
    const FileTree tree(before);
    ASSERT_TRUE(replace_file(tree.path(), "state", "new", "old.state").ok()) << before;
    EXPECT_EQ(content(tree, "state"), "new") << before;
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(tree.at(kept)))) << before;
  }
}

TEST(ReplaceFile, nothing_is_moved_aside_before_the_new_text_is_safe) {
  const FileTree tree("state = old");
  const FullDisk disk(3);
  EXPECT_FALSE(replace_file(tree.path(), "state", "does not fit", "old.state").ok());
  EXPECT_EQ(content(tree, "state"), "old\n");
}

TEST(ReplaceFile, what_cannot_be_moved_aside_is_not_replaced) {
  const FileTree tree("state = old\nold.state/inside = x");
  EXPECT_FALSE(replace_file(tree.path(), "state", "new", "old.state").ok());
  EXPECT_EQ(content(tree, "state"), "old\n");
}

TEST(ReplaceFile, what_an_earlier_attempt_left_is_overwritten) {
  const FileTree tree("state.new = half of a lo");
  ASSERT_TRUE(replace_file(tree.path(), "state", "new").ok());
  EXPECT_EQ(content(tree, "state"), "new");
}

TEST(ReplaceFile, a_folder_in_the_files_place_is_an_error_and_stays) {
  const FileTree tree("state/inside = x");
  EXPECT_EQ(replace_file(tree.path(), "state", "new").error().code, EISDIR);
  EXPECT_EQ(content(tree, "state/inside"), "x\n");
  EXPECT_EQ(tree.open().entries().value(), std::vector<std::string>{"state"});
}

TEST(ReplaceFile, a_missing_folder_is_an_error) {
  const FileTree tree;
  EXPECT_EQ(replace_file(tree.path() + "/missing", "state", "new").error().code, ENOENT);
}

TEST(CreateFile, writes_a_file_that_others_may_read) {
  const FileTree tree;
  const mode_t before = ::umask(022);
  ASSERT_TRUE(create_file(tree.at("new"), "text").ok());
  (void)::umask(before);
  struct stat facts {};
  ASSERT_EQ(::stat(tree.at("new").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0644U);
  EXPECT_EQ(content(tree, "new"), "text");
}

TEST(CreateFile, what_is_there_already_stays) {
  const FileTree tree("old = precious");
  EXPECT_EQ(create_file(tree.at("old"), "text").error().code, EEXIST);
  EXPECT_EQ(content(tree, "old"), "precious\n");
}

TEST(CreateFile, nothing_is_left_when_the_disk_fills_up) {
  const FileTree tree;
  const auto result = [&tree] {
    const FullDisk disk(3);
    return create_file(tree.at("new"), "does not fit");
  }();
  EXPECT_EQ(result.error().code, EFBIG);
  EXPECT_TRUE(tree.open().entries().value().empty());
}

TEST(AppendToFile, adds_at_the_end_also_through_a_link) {
  const FileTree tree("file = first\nlink -> file");
  ASSERT_TRUE(append_to_file(tree.at("link"), "second").ok());
  EXPECT_EQ(content(tree, "file"), "first\nsecond");
  EXPECT_EQ(append_to_file(tree.at("missing"), "x").error().code, ENOENT);
}

TEST(AppendToFile, adds_nothing_when_the_disk_fills_up) {
  const FileTree tree("file = first");
  const auto result = [&tree] {
    const FullDisk disk(9);
    return append_to_file(tree.at("file"), "does not fit");
  }();
  EXPECT_EQ(result.error().code, EFBIG);
  EXPECT_EQ(content(tree, "file"), "first\n");
}

TEST(File, a_stamp_changes_with_the_content_and_with_the_file) {
  const FileTree folder("a = one\nb = two\nlink -> a");
  const FileStamp before = stamp_of(folder.at("link"));
  EXPECT_EQ(stamp_of(folder.at("link")), before);
  EXPECT_EQ(stamp_of(folder.at("a")), before);
  EXPECT_NE(stamp_of(folder.at("b")), before);
  std::filesystem::remove(folder.at("link"));
  EXPECT_EQ(stamp_of(folder.at("link")), FileStamp());
  std::filesystem::create_symlink("b", folder.at("link"));
  EXPECT_NE(stamp_of(folder.at("link")), before) << "as a renewal by a moved link does";
}

}  // namespace
}  // namespace sockwatch
