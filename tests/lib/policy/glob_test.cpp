// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/glob.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(Glob, a_name_with_backslashes_is_written_as_it_is) {
  for (const char* name : {R"(dev-disk\x2dby\x2duuid.service)", R"(CORP\alice)", R"(a\)", R"(\)"})
    EXPECT_TRUE(glob_fits(name, name)) << name;
  EXPECT_TRUE(glob_fits(R"(dev\\x2dby.service)", R"(dev\x2dby.service)")) << "as allow lines write it";
  EXPECT_TRUE(glob_fits(R"(app\x2d*.service)", R"(app\x2dfoo@1.service)"));
  EXPECT_FALSE(glob_fits(R"(app\x2d.service)", "app-.service"));
}

TEST(Glob, a_backslash_still_takes_what_is_special) {
  EXPECT_TRUE(glob_fits(R"(st\*r)", "st*r"));
  EXPECT_FALSE(glob_fits(R"(st\*r)", "star"));
  EXPECT_FALSE(glob_fits(R"(st\*r)", R"(st\xr)"));
  EXPECT_TRUE(glob_fits(R"(a\b)", "ab")) << "as before";
  EXPECT_TRUE(glob_fits("/a/*", "/a/b/c"));
}

TEST(Glob, without_wildcards_it_means_one_text) {
  EXPECT_EQ(literal_of("nginx.service"), "nginx.service");
  EXPECT_EQ(literal_of(R"(a\x2db.service)"), R"(a\x2db.service)");
  EXPECT_EQ(literal_of(R"(a\\x2db.service)"), R"(a\x2db.service)");
  EXPECT_EQ(literal_of(R"(st\*r)"), "st*r");
  for (const char* glob : {"*", "a?", "[ab]"}) EXPECT_EQ(literal_of(glob), std::nullopt) << glob;
}

}  // namespace
}  // namespace sockwatch
