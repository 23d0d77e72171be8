// SPDX-License-Identifier: Apache-2.0
#include "lib/model/properties.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(Properties, a_name_is_there_once_for_each_reader) {
  for (const PropertyUse use : all_of<PropertyUse>()) {
    std::set<std::string_view> names;
    for (const Property& property : properties()) {
      if (property.uses.has(use)) {
        EXPECT_TRUE(names.insert(property.name).second) << word(use) << " " << property.name;
      }
    }
    EXPECT_FALSE(names.empty()) << word(use);
  }
}

TEST(Properties, a_name_means_one_kind_of_value) {
  std::map<std::string_view, PropertyKind> kinds;
  for (const Property& property : properties())
    EXPECT_EQ(kinds.emplace(property.name, property.type.kind).first->second, property.type.kind)
        << property.name;
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
      if (value) {
        EXPECT_EQ(value->index(), index_of(property.type.kind)) << property.name;
      }
    }
  }
}

TEST(Properties, a_word_is_one_of_its_set) {
  Listener web = listener(listening(Protocol::Tcp, "::", 80, 1));
  for (const Property& property : properties()) {
    EXPECT_EQ(property.type.kind == PropertyKind::Word, !property.type.words.empty()) << property.name;
    if (property.type.kind != PropertyKind::Word || !property.uses.has(PropertyUse::Listener)) continue;
    const auto value = property.get(known(web));
    const auto& words = property.type.words;
    if (value) {
      EXPECT_NE(std::find(words.begin(), words.end(), text_of(*value)), words.end()) << property.name;
    }
  }
}

TEST(Properties, what_rules_match_is_a_text_a_word_or_a_flag) {
  for (const Property& property : properties()) {
    const PropertyKind kind = property.type.kind;
    const bool fits = kind != PropertyKind::Number && kind != PropertyKind::Time;
    if (property.uses.has(PropertyUse::Rule)) {
      EXPECT_TRUE(fits) << property.name;
    }
    EXPECT_EQ(matched_property(property.name) != nullptr, property.uses.has(PropertyUse::Rule))
        << property.name;
  }
  EXPECT_EQ(matched_property("no-such"), nullptr);
}

TEST(Properties, what_is_set_is_what_is_got) {
  for (const Property& property : properties()) {
    if (property.uses.has(PropertyUse::Test) || property.uses.has(PropertyUse::State)) {
      EXPECT_NE(property.set, nullptr) << property.name;
    }
    if (property.set == nullptr) continue;
    Listener made = listener(property.only == nullptr || property.only(Protocol::Tcp)
                                 ? listening(Protocol::Tcp, "::", 80, 1)
                                 : packet_socket("eth0", 3, 1));
    Value value = std::string("x");
    if (property.type.kind == PropertyKind::Flag) value = true;
    if (property.type.kind == PropertyKind::Word) value = std::string(property.type.words.back());
    property.set(made, value);
    EXPECT_EQ(property.get(known(made)), value) << property.name;
  }
}

TEST(Properties, what_a_port_is_for_is_a_change_and_a_queue_is_none) {
  const Listener before = listener(listening(Protocol::Tcp, "::", 80, 1));
  Listener after = before;
  after.members.front().receive_queue = 7;
  EXPECT_TRUE(same_properties(before, after));
  after.annotation.service.emplace().name = "http";
  EXPECT_FALSE(same_properties(before, after));
}

// A label of what has no bound would flood Prometheus (docs/metrics.md).
TEST(Properties, no_number_and_no_time_is_a_label) {
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::Label)) continue;
    EXPECT_NE(property.type.kind, PropertyKind::Number) << property.name;
    EXPECT_NE(property.type.kind, PropertyKind::Time) << property.name;
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
