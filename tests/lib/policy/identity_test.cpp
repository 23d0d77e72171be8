// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/identity.h"

#include <gtest/gtest.h>

#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

TEST(OwnerName, the_owner_is_the_container_then_a_lasting_unit_then_the_program) {
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

TEST(LearnedSet, one_learned_without_the_program_of_its_container_covers_every_program_of_such) {
  LearnedSet learned;
  learned.insert({"host", Protocol::Tcp, "22", Scope::Any, "docker:*"});
  EXPECT_TRUE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, "docker:*", "/bin/a"}));
  EXPECT_FALSE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, "podman:*", "/bin/a"}));
  learned = {};
  learned.insert({"host", Protocol::Tcp, "22", Scope::Any, "docker:*", "/bin/a"});
  EXPECT_FALSE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, "docker:*", "/bin/b"}));
  EXPECT_FALSE(learned.covers({"host", Protocol::Tcp, "22", Scope::Any, "docker:*", ""}));
  EXPECT_TRUE(learned.may_cover({"host", Protocol::Tcp, "22", Scope::Any, "docker:*", ""}));
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
