// SPDX-License-Identifier: Apache-2.0
#include "lib/model/fields.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using Fields = std::vector<Field>;
constexpr WallTime kNewYear{std::chrono::seconds(1767225600)};

std::uint64_t number(std::uint64_t value) {
  return value;
}

Listener sshd() {
  Listener made = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1), {MonotonicTime{}, kNewYear});
  made.members.front().receive_queue = 3;
  made.members.front().send_queue = 128;
  made.drops_total = 7;
  made.annotation.service = Service{};
  made.annotation.service->name = "ssh";
  Owner& owner = made.annotation.owner;
  owner.state = OwnerState::Known;
  owner.unit = "ssh.service";
  owner.user = "root";
  owner.holders = {{{812, 4000}, "sshd", "/usr/sbin/sshd", 0},
                   {{1, 2}, "systemd", "/usr/lib/systemd/systemd", 0}};
  made.verdict = {VerdictKind::Expected, "ssh", "policy.d/50-ssh.toml:2", "", Severity::Warning};
  return made;
}

Alert alert_about(const Listener& listener) {
  Alert alert;
  alert.time.wall = kNewYear;
  alert.message = "something happened";
  alert.listener = listener;
  return alert;
}

const Field* find(const Fields& fields, std::string_view name) {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return at == fields.end() ? nullptr : &*at;
}

bool has(const Fields& fields, std::string_view name) {
  return find(fields, name) != nullptr;
}

TEST(Fields, a_listener_says_all_that_is_known_in_the_order_of_the_table) {
  const Listener all = sshd();
  Fields expected;
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::Listener)) continue;
    if (const auto value = property.shown_value(known(all, 5))) expected.push_back({property.name, *value});
  }
  const Fields fields = fields_of(all, 5);
  EXPECT_EQ(fields, expected);
  EXPECT_EQ(fields.front(), (Field{"protocol", "tcp"}));
  EXPECT_EQ(fields.back(), (Field{"connections", number(5)}));
  for (const char* name : {"address", "port", "scope", "service", "namespace", "unit", "exe", "user",
                           "owner_state", "verdict", "rule", "first_seen", "state", "accept_queue_length"})
    EXPECT_TRUE(has(fields, name)) << name;
}

TEST(Fields, what_is_unknown_is_absent) {
  SocketRecord record = listening(Protocol::Tcp, "127.0.0.1", 80, 1);
  record.bind = Bind::Unknown;
  record.state = SocketState::Unknown;
  record.inode = 0;
  record.uid = 0;
  const Fields fields = fields_of(listener(record));
  for (const char* name : {"bind", "state", "service", "unit", "container", "exe", "comm", "pid", "uid",
                           "user", "creator_uid", "rule", "first_seen", "connections"}) {
    EXPECT_FALSE(has(fields, name)) << name;
  }
}

TEST(Fields, no_text_is_ever_empty) {
  Listener bare = listener(listening(Protocol::Tcp, "127.0.0.1", 80, 1));
  bare.annotation.name_space.clear();
  bare.annotation.service = Service{};
  bare.annotation.owner.holders = {Holder{}};
  for (const Field& field : fields_of(bare)) {
    const auto* text = std::get_if<std::string>(&field.value);
    EXPECT_TRUE(text == nullptr || !text->empty()) << field.name;
  }
}

TEST(Fields, an_alert_begins_with_its_own_words_and_leaves_momentary_counts_out) {
  Alert alert = alert_about(sshd());
  alert.allow = "[[rule]]\nport = 22\n";
  const Fields fields = fields_of(alert);
  ASSERT_GE(fields.size(), 6U);
  EXPECT_EQ(Fields(fields.begin(), fields.begin() + 6), (Fields{{"event", "listener-opened"},
                                                                {"message", "something happened"},
                                                                {"severity", "warning"},
                                                                {"tone", "wrong"},
                                                                {"time", "2026-01-01T00:00:00.000Z"},
                                                                {"protocol", "tcp"}}));
  EXPECT_EQ(fields.back(), (Field{"allow", "[[rule]]\nport = 22\n"}));
  for (const char* name : {"state", "drops", "members", "accept_queue_length"})
    EXPECT_FALSE(has(fields, name)) << name;
}

TEST(Fields, an_alert_says_why_and_from_whom_and_what_to_use_instead) {
  Alert alert = alert_about(sshd());
  alert.listener->verdict = {VerdictKind::Unexpected, "no", "policy.d/1.toml:2", "because",
                             Severity::Warning};
  alert.listener->annotation.service =
      Service{"telnet", "", "", "ssh (22)", Encryption::No, ServiceSource::Common};
  alert.parents = "bash (4700) < systemd (1)";
  const Fields fields = fields_of(alert);
  const std::pair<const char*, const char*> expected[] = {{"rule_origin", "policy.d/1.toml:2"},
                                                          {"rule_reason", "because"},
                                                          {"encrypted", "no"},
                                                          {"safer", "ssh (22)"},
                                                          {"parents", "bash (4700) < systemd (1)"}};
  for (const auto& [name, value] : expected) {
    ASSERT_TRUE(has(fields, name)) << name;
    EXPECT_EQ(find(fields, name)->value, Field({"", value}).value) << name;
  }
  EXPECT_FALSE(has(fields, "other_exe"));
}

TEST(Fields, an_alert_about_two_owners_names_the_other_one) {
  Alert alert = alert_about(sshd());
  alert.other = sshd().annotation.owner;
  alert.other->unit = "other.service";
  alert.other->user = "max";
  alert.other->holders = {{{77, 1}, "nc", "/usr/bin/nc", 1000}};
  const Fields fields = fields_of(alert);
  EXPECT_EQ(find(fields, "other_unit")->value, Field({"", "other.service"}).value);
  EXPECT_EQ(find(fields, "other_exe")->value, Field({"", "/usr/bin/nc"}).value);
  EXPECT_EQ(find(fields, "other_comm")->value, Field({"", "nc"}).value);
  EXPECT_EQ(find(fields, "other_pid")->value, Field({"", number(77)}).value);
  EXPECT_EQ(find(fields, "other_user")->value, Field({"", "max"}).value);
  alert.other->holders[0].id.pid = 0;
  EXPECT_FALSE(has(fields_of(alert), "other_pid")) << "remembered from an earlier run";
}

TEST(Fields, an_alert_without_a_listener_names_its_rule_only) {
  Alert alert = alert_about(sshd());
  alert.event = Event::ListenerMissing;
  alert.listener.reset();
  alert.rule = "ssh";
  const Fields fields = fields_of(alert);
  EXPECT_EQ(find(fields, "rule")->value, Field({"", "ssh"}).value);
  EXPECT_FALSE(has(fields, "protocol"));
}

}  // namespace
}  // namespace sockwatch
