// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/plain_json.h"

#include <gtest/gtest.h>

#include "lib/json/json.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

TEST(PlainJson, an_alert_is_a_document_with_the_keys_of_everywhere_else) {
  const Alert alert = alert_about(netcat());
  PlainJson form("web1", {{"site", "東京"}, {"rack", "a\"b"}});
  EXPECT_EQ(form.render(alert),
            R"({"schema":1,"hostname":"web1","labels":{"site":"\u6771\u4eac","rack":"a\"b"},)"
            R"("alerts":[)" +
                alert_json(alert) + "]}");
  EXPECT_EQ(form.body("anything", {}), "anything") << "rendered once";
}

TEST(PlainJson, without_labels_there_is_no_such_key) {
  EXPECT_TRUE(PlainJson("web1", {}).render({}).starts_with(R"({"schema":1,"hostname":"web1","alerts":[{)"));
}

TEST(PlainJson, nothing_is_repeated_or_remembered) {
  PlainJson form("web1", {});
  form.settled(form.render(alert_about(netcat())), SendOutcome::Sent, {});
  EXPECT_FALSE(form.next_repeat());
  EXPECT_TRUE(form.memory().empty());
}

}  // namespace
}  // namespace sockwatch
