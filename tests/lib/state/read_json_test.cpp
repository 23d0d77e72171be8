// SPDX-License-Identifier: Apache-2.0
#include "lib/state/read_json.h"

#include <gtest/gtest.h>

#include "lib/model/verdict.h"

namespace sockwatch {
namespace {

TEST(ReadJson, a_name_comes_back_as_it_was) {
  const Json row{{"comm", "a\\x00b"}, {"plain", "nginx"}};
  EXPECT_EQ(name_at(row, "comm"), std::string("a\0b", 3));
  EXPECT_EQ(name_at(row, "plain"), "nginx");
}

TEST(ReadJson, what_was_never_written_is_malformed) {
  for (const char* text : {"\\", "\\x", "\\x0", "\\xzz", "\\n"})
    EXPECT_THROW((void)name_at(Json{{"comm", text}}, "comm"), MalformedMemory) << text;
  EXPECT_THROW((void)word_at<VerdictKind>(Json{{"verdict", "fine"}}, "verdict"), MalformedMemory);
  EXPECT_THROW((void)list_at(Json{{"drops", 1}}, "drops"), MalformedMemory);
  for (const Json& value : {Json(70000), Json(-1), Json(true), Json("22"), Json(1.5)})
    EXPECT_THROW((void)integer<std::uint16_t>("port", value), MalformedMemory) << value;
  EXPECT_THROW((void)integer_at<int>(Json::object(), "port"), Json::exception) << "not there";
}

TEST(ReadJson, the_complaint_quotes_no_more_than_a_line) {
  try {
    malformed("comm", std::string(1000, 'a'), "less");
  } catch (const MalformedMemory& failure) {
    EXPECT_LT(std::string(failure.what()).size(), 120U);
  }
}

}  // namespace
}  // namespace sockwatch
