// SPDX-License-Identifier: Apache-2.0
#include "lib/model/properties.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(Properties, a_name_is_there_once_for_each_reader) {
  for (const PropertyUse use : all_of<PropertyUse>()) {
    std::set<std::string_view> names;
    for (const Property& property : properties()) {
      if (property.uses.has(use))
        EXPECT_TRUE(names.insert(property.name).second) << word(use) << " " << property.name;
    }
    EXPECT_FALSE(names.empty()) << word(use);
  }
}

TEST(Properties, a_name_means_one_kind_of_value) {
  std::map<std::string_view, PropertyKind> kinds;
  for (const Property& property : properties())
    EXPECT_EQ(kinds.emplace(property.name, property.kind).first->second, property.kind) << property.name;
}

std::size_t index_of(PropertyKind kind) {
  switch (kind) {
    case PropertyKind::Number:
      return 1;
    case PropertyKind::Flag:
      return 2;
    default:
      return 0;
  }
}

TEST(Properties, a_value_is_of_the_kind_that_is_promised) {
  Listener web = listener(listening(Protocol::Tcp, "::", 80, 1), {{}, WallTime{std::chrono::seconds(9)}});
  web.annotation.owner.holders.emplace_back().comm = "nginx";
  SocketRecord record = listening(Protocol::Vsock, "0.0.0.0", 80, 1);
  record.remote.port = 80;
  const Annotation annotation;
  for (const Property& property : properties()) {
    for (const KnownSocket& socket : {known(web, 7), known(record, annotation, Direction::Inbound)}) {
      const bool of_connection = socket.listener == nullptr;
      if (of_connection && !property.uses.has(PropertyUse::Connection)) continue;
      const std::optional<Value> value = property.get(socket);
      if (value) EXPECT_EQ(value->index(), index_of(property.kind)) << property.name;
    }
  }
}

// A label of what has no bound would flood Prometheus (docs/metrics.md).
TEST(Properties, no_number_and_no_time_is_a_label) {
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::Label)) continue;
    EXPECT_NE(property.kind, PropertyKind::Number) << property.name;
    EXPECT_NE(property.kind, PropertyKind::Time) << property.name;
  }
}

TEST(Properties, a_value_becomes_text_where_only_text_will_do) {
  EXPECT_EQ(text_of(Value("a")), "a");
  EXPECT_EQ(text_of(Value(std::uint64_t{7})), "7");
  EXPECT_EQ(text_of(Value(true)), "true");
  EXPECT_EQ(text_of(Value(false)), "false");
}

TEST(Properties, a_connection_that_nobody_has_accepted_has_no_owner) {
  SocketRecord record = listening(Protocol::Tcp, "10.0.0.1", 22, 9);
  record.state = SocketState::Established;
  Annotation annotation;
  EXPECT_NE(known(record, annotation, Direction::Inbound).owner(), nullptr);
  record.inode = 0;
  EXPECT_EQ(known(record, annotation, Direction::Inbound).owner(), nullptr);
  annotation.owner.holders.emplace_back();
  EXPECT_NE(known(record, annotation, Direction::Inbound).owner(), nullptr);
  record.state = SocketState::TimeWait;
  EXPECT_EQ(known(record, annotation, Direction::Inbound).owner(), nullptr);
}

}  // namespace
}  // namespace sockwatch
