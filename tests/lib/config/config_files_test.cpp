// SPDX-License-Identifier: Apache-2.0
#include "lib/config/config_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/lib/config/folder.h"

namespace sockwatch {
namespace {

TEST(ConfigFiles, a_file_is_read_whole) {
  const Folder folder;
  folder.write("a.toml", "x = 1\n");
  const auto file = read_config_file(folder.path("a.toml"));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->path, folder.path("a.toml"));
  EXPECT_EQ(file->text, "x = 1\n");
}

TEST(ConfigFiles, what_is_no_readable_file_is_told_in_words) {
  const Folder folder;
  folder.make_directory("folder.toml");
  folder.write("file", "");
  folder.write("large.toml", std::string((1U << 20) + 1, '#'));
  folder.link("loop.toml", "loop.toml");
  const struct {
    std::string name, message;
    int code;
  } cases[] = {
      {"gone.toml", "gone.toml: cannot be read: No such file or directory", ENOENT},
      {"gone/a.toml", "gone/a.toml: cannot be read: No such file or directory", ENOENT},
      {"folder.toml", "folder.toml: is a directory, expected a file", EISDIR},
      {"file/a.toml", "file/a.toml: its folder is not a directory", ENOTDIR},
      {"large.toml", "large.toml: is larger than 1 MiB, expected a smaller file", EFBIG},
      {"loop.toml", "loop.toml: cannot be read: Too many levels of symbolic links", ELOOP},
  };
  for (const auto& each : cases) {
    const auto file = read_config_file(folder.path(each.name));
    ASSERT_FALSE(file) << each.name;
    EXPECT_EQ(folder.without_path(file.error().message), each.message);
    EXPECT_EQ(file.error().code, each.code);
  }
}

TEST(ConfigFiles, a_fifo_does_not_hang_the_reader) {
  const Folder folder;
  ASSERT_EQ(::mkfifo(folder.path("fifo.toml").c_str(), 0600), 0);
  const auto file = read_config_file(folder.path("fifo.toml"));
  EXPECT_TRUE(file && file->text.empty());
}

TEST(ConfigFiles, a_directory_is_read_in_the_order_of_names) {
  const Folder folder;
  for (const char* name :
       {"d/20-b.toml", "d/10-z.toml", "d/9-a.toml", "d/.hidden.toml", "d/a.toml~", "d/b.conf"}) {
    folder.write(name, name);
  }
  const auto files = read_config_directory(folder.path("d"));
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ(files->at(0).text, "d/10-z.toml");
  EXPECT_EQ(files->at(1).text, "d/20-b.toml");
  EXPECT_EQ(files->at(2).text, "d/9-a.toml");
}

TEST(ConfigFiles, a_missing_directory_is_empty) {
  const Folder folder;
  const auto files = read_config_directory(folder.path("gone"));
  EXPECT_TRUE(files && files->empty());
}

TEST(ConfigFiles, every_unreadable_file_of_a_directory_is_named) {
  const Folder folder;
  folder.make_directory("d/a.toml");
  folder.write("d/b.toml", "");
  folder.link("d/c.toml", "nowhere");
  const auto files = read_config_directory(folder.path("d"));
  ASSERT_FALSE(files);
  EXPECT_EQ(folder.without_path(files.error().message),
            "d/a.toml: is a directory, expected a file\nd/c.toml: cannot be read: No such file or directory");
}

TEST(ConfigFiles, a_file_in_the_place_of_a_directory_is_an_error) {
  const Folder folder;
  folder.write("d", "");
  EXPECT_FALSE(read_config_directory(folder.path("d")));
}

TEST(ConfigFiles, directory_of_a_path) {
  EXPECT_EQ(directory_of("/etc/sockwatch/sockwatch.toml"), "/etc/sockwatch");
  EXPECT_EQ(directory_of("/sockwatch.toml"), "/");
  EXPECT_EQ(directory_of("sockwatch.toml"), ".");
}

}  // namespace
}  // namespace sockwatch
