// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/identity.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

Listener ssh() {
  return owned(scoped(listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1)), Scope::Any),
               unit_owner("ssh.service", "/usr/sbin/sshd"));
}

TEST(Identity, is_namespace_protocol_port_scope_and_owner) {
  EXPECT_EQ(identity_of(ssh()), (Identity{"host", Protocol::Tcp, "22", Scope::Any, "ssh.service"}));
}

TEST(Identity, survives_a_restart) {
  Listener restarted = ssh();
  restarted.members.front().id.cookie = 99;
  restarted.members.front().inode = 99;
  restarted.annotation.owner.holders = {{{4321, 9999}, "sshd: new", "/usr/sbin/sshd", 0}};
  restarted.annotation.service = Service{"ssh", "", "", "", Encryption::Yes, ServiceSource::Iana};
  restarted.first_seen = restarted.opened = {MonotonicTime(std::chrono::hours(9)), {}};
  EXPECT_EQ(identity_of(restarted), identity_of(ssh()));
}

TEST(Identity, does_not_depend_on_the_order_of_members_or_holders) {
  Listener one = ssh();
  one.annotation.owner.unit.clear();
  one.annotation.owner.holders = {{{1, 1}, "b", "/b", 0}, {{2, 2}, "none", "", 0}, {{3, 3}, "a", "/a", 0}};
  one.members.push_back(listening(Protocol::Tcp, "0.0.0.0", 22, 2));
  Listener other = one;
  std::reverse(other.annotation.owner.holders.begin(), other.annotation.owner.holders.end());
  std::reverse(other.members.begin(), other.members.end());
  EXPECT_EQ(identity_of(one).owner, "/a");
  EXPECT_EQ(identity_of(one), identity_of(other));
}

TEST(Identity, differs_where_something_that_lasts_differs) {
  const Identity before = identity_of(ssh());
  Listener port = ssh(), scope = ssh(), unit = ssh(), name_space = ssh();
  port.key.local.port = 23;
  scope.annotation.scope = Scope::Loopback;
  unit.annotation.owner.unit = "other.service";
  name_space.annotation.name_space = "web";
  for (const Listener& changed : {port, scope, unit, name_space}) EXPECT_NE(identity_of(changed), before);
}

TEST(Identity, an_assigned_port_has_no_number) {
  Listener one = assigned(ssh());
  Listener other = one;
  other.key.local.port = 40001;
  EXPECT_EQ(identity_of(one).port, "assigned");
  EXPECT_EQ(identity_of(one), identity_of(other));
}

TEST(Identity, the_owner_is_the_container_then_a_lasting_unit_then_the_program) {
  const struct {
    std::string container, unit, exe, owner;
  } cases[] = {
      {"docker:0123456789ab", "docker-0123.scope", "/usr/bin/redis", "docker:0123456789ab"},
      {"", "ssh.service", "/usr/sbin/sshd", "ssh.service"},
      {"", "ssh.socket", "/lib/systemd/systemd", "ssh.socket"},
      {"", "postgresql@15-main.service", "/usr/lib/postgresql/15/bin/postgres", "postgresql@15-main.service"},
      {"", "session-3.scope", "/usr/bin/nc", "/usr/bin/nc"},
      {"", "user@1000.service", "/usr/bin/nc", "/usr/bin/nc"},
      {"", "init.scope", "/lib/systemd/systemd", "/lib/systemd/systemd"},
      {"", "run-r0123456789abcdef.scope", "/usr/bin/nc", "/usr/bin/nc"},
      {"", "run-u12.service", "/usr/bin/nc", "/usr/bin/nc"},
      {"", "vte-spawn-0123.scope", "/usr/bin/nc", "/usr/bin/nc"},
      {"", "user.slice", "/usr/bin/nc", "/usr/bin/nc"},
      {"", "", "/usr/bin/nc", "/usr/bin/nc"},
      {"", "", "", ""},
  };
  for (const auto& each : cases) {
    Owner owner = unit_owner(each.unit, each.exe);
    owner.container = each.container;
    EXPECT_EQ(owner_of(owner).name, each.owner) << each.unit;
  }
}

TEST(LearnedSet, is_sorted_and_holds_each_once) {
  LearnedSet learned;
  const Identity b{"host", Protocol::Tcp, "22", Scope::Any, "b"};
  const Identity a{"host", Protocol::Tcp, "22", Scope::Any, "a"};
  for (const Identity& identity : {b, a, b}) learned.insert(identity);
  EXPECT_EQ(learned.size(), 2U);
  EXPECT_EQ(*learned.begin(), a);
  EXPECT_TRUE(learned.contains(b));
  EXPECT_FALSE(learned.contains({"host", Protocol::Tcp, "22", Scope::Any, ""}));
}

TEST(LearnedSet, one_learned_without_an_owner_covers_every_owner) {
  LearnedSet learned;
  learned.insert({"host", Protocol::Tcp, "22", Scope::Any, ""});
  EXPECT_TRUE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, "ssh.service"}));
  EXPECT_FALSE(learned.covers({"host", Protocol::Tcp, "23", Scope::Any, "ssh.service"}));
  EXPECT_FALSE(learned.covers({"host", Protocol::Tcp, "22", Scope::Loopback, "ssh.service"}));
}

TEST(LearnedSet, one_learned_with_an_owner_covers_only_that) {
  LearnedSet learned;
  learned.insert({"host", Protocol::Tcp, "22", Scope::Any, "ssh.service"});
  EXPECT_TRUE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, "ssh.service"}));
  EXPECT_FALSE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, "nc"}));
  EXPECT_FALSE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, ""}));
  EXPECT_TRUE(learned.may_cover({"host", Protocol::Tcp, "22", Scope::Any, ""}));
  EXPECT_FALSE(learned.may_cover({"host", Protocol::Tcp, "21", Scope::Any, ""}));
  EXPECT_FALSE(learned.may_cover({"host", Protocol::Tcp, "22", Scope::Loopback, ""}));
  EXPECT_FALSE(LearnedSet().may_cover({}));
}

}  // namespace
}  // namespace sockwatch
