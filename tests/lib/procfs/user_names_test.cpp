// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/user_names.h"

#include <gtest/gtest.h>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

TEST(UserNames, names_whom_the_file_names_and_numbers_the_rest) {
  const FileTree etc(R"(
    passwd = root:x:0:0:root:/root:/bin/sh
  )");
  UserNames names(etc.open());
  names.refresh();
  EXPECT_EQ(names.name_of(0), "root");
  EXPECT_EQ(names.name_of(1000), "1000");
  EXPECT_EQ(names.name_of(4294967295), "4294967295");
}

TEST(UserNames, the_first_of_two_names_wins_and_malformed_lines_are_passed_over) {
  FileTree etc;
  etc.write("passwd",
            "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:\n\n:x:5:5::/:\nshort:x\nword:x:abc:1::/:\n"
            "negative:x:-1:1::/:\n+::::::\nlast:x:7:7::/:");
  UserNames names(etc.open());
  names.refresh();
  EXPECT_EQ(names.name_of(0), "root");
  EXPECT_EQ(names.name_of(5), "5");
  EXPECT_EQ(names.name_of(7), "last");
}

TEST(UserNames, reads_a_changed_file_again) {
  FileTree etc;
  etc.write("passwd", "www:x:33:33::/:\n");
  UserNames names(etc.open());
  names.refresh();
  EXPECT_EQ(names.name_of(33), "www");
  etc.write("passwd", "www-data:x:33:33::/:\n");
  names.refresh();
  EXPECT_EQ(names.name_of(33), "www-data");
  etc.remove("passwd");
  names.refresh();
  EXPECT_EQ(names.name_of(33), "33");
  etc.write("passwd", "www:x:33:33::/:\n");
  names.refresh();
  EXPECT_EQ(names.name_of(33), "www");
}

}  // namespace
}  // namespace sockwatch
