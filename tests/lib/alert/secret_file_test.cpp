// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/secret_file.h"

#include <gtest/gtest.h>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

TEST(SecretFile, is_one_line_and_nothing_else) {
  FileTree files;
  const std::string path = files.at("token").string();
  for (const char* text : {"abc123", "abc123\n", "  abc123\r\n"}) {
    files.write("token", text);
    const auto secret = read_secret(path);
    ASSERT_TRUE(secret.ok()) << secret.error().message;
    EXPECT_EQ(*secret, "abc123");
  }
  for (const char* text : {"", "\n", "abc123\nX-Evil: 1\n", "abc123\rX-Evil: 1", "abc\t123"}) {
    files.write("token", text);
    const auto secret = read_secret(path);
    ASSERT_FALSE(secret.ok()) << text;
    EXPECT_EQ(secret.error().message, path + ": not one line of text");
  }
  EXPECT_FALSE(read_secret(path + ".none").ok());
}

}  // namespace
}  // namespace sockwatch
