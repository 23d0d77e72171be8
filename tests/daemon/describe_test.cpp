// SPDX-License-Identifier: Apache-2.0
#include "daemon/describe.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

bool is_described(std::string_view json) {
  return description().find(json) != std::string::npos;
}

TEST(Describe, a_property_has_its_kind_its_readers_and_its_label) {
  EXPECT_TRUE(is_described(R"({"name":"comm","kind":"text","uses":["listener","connection","alert","label"],)"
                           R"("label":"process"})"));
  EXPECT_TRUE(is_described(R"({"name":"drops","kind":"number","uses":["listener"]})"));
}

TEST(Describe, every_other_table_is_there) {
  EXPECT_TRUE(is_described(R"({"name":"tone","kind":"word"})"));
  EXPECT_TRUE(is_described(R"({"name":"listener-opened","message_id":"08282f408e54482196a6dae4a5acb0b6",)"
                           R"("about":"listener","meaning":"A port opened)"));
  EXPECT_TRUE(is_described(R"({"name":"sockwatch_missing_listeners","kind":"gauge","labels":["rule"]})"));
  EXPECT_TRUE(is_described(R"("settings":["watch.listeners",)"));
  EXPECT_TRUE(is_described(R"("webhook_keys":["url",)"));
  EXPECT_TRUE(is_described(R"("rule_keys":["name","action",)"));
}

TEST(Describe, it_is_one_document_on_one_line) {
  const std::string text = description();
  EXPECT_TRUE(text.starts_with(R"({"schema":1,"properties":[{"name":"protocol",)"));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

}  // namespace
}  // namespace sockwatch
