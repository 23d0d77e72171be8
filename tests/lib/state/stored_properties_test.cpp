// SPDX-License-Identifier: Apache-2.0
#include "lib/state/stored_properties.h"

#include <gtest/gtest.h>

#include "lib/model/properties.h"
#include "lib/state/read_json.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

Listener web() {
  return listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1));
}

TEST(StoredProperties, what_is_remembered_comes_back) {
  Listener judged = web();
  judged.verdict.rule = "we\nb";
  Json row;
  add_properties(row, judged);
  Listener restored = web();
  read_properties(row, restored);
  for (const Property& property : properties()) {
    if (property.uses.has(PropertyUse::State)) {
      EXPECT_EQ(property.get(known(restored)), property.get(known(judged))) << property.name;
    }
  }
  EXPECT_EQ(restored.verdict.rule, "we\nb");
}

TEST(StoredProperties, what_an_earlier_version_did_not_write_is_not_known) {
  Listener restored = web();
  read_properties(Json::object(), restored);
  EXPECT_EQ(restored.verdict.rule, "");
}

TEST(StoredProperties, what_is_of_another_kind_is_an_error) {
  Listener restored = web();
  EXPECT_THROW(read_properties(Json{{"rule", 7}}, restored), Json::exception);
  EXPECT_THROW(read_properties(Json{{"rule", "\\"}}, restored), MalformedMemory);
}

}  // namespace
}  // namespace sockwatch
