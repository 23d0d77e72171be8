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
  EXPECT_TRUE(learned.covers({"host", Protocol::Tcp, "22", Scope::Loopback, "ssh.service"}));
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
  EXPECT_TRUE(learned.may_cover({"host", Protocol::Tcp, "22", Scope::Loopback, ""}));
  EXPECT_FALSE(LearnedSet().may_cover({}));
}

Identity reaching(Scope scope, Reach reach = {}) {
  return {"host", Protocol::Tcp, "80", scope, "web.service", "", reach};
}

TEST(LearnedSet, covers_what_reaches_no_farther_than_what_was_learned) {
  const Reach device{"eth0"}, ipv4{"", true, false}, ipv6{"", false, true}, transparent{"", true, true, true};
  struct {
    Identity learned, now;
    bool covered;
  } const cases[] = {
      {reaching(Scope::Any), reaching(Scope::Any), true},
      {reaching(Scope::Any), reaching(Scope::Public), true},
      {reaching(Scope::Any), reaching(Scope::Multicast), true},
      {reaching(Scope::Public), reaching(Scope::Private), true},
      {reaching(Scope::Private), reaching(Scope::Loopback), true},
      {reaching(Scope::Loopback), reaching(Scope::Any), false},
      {reaching(Scope::Loopback), reaching(Scope::LinkLocal), false},
      {reaching(Scope::Private), reaching(Scope::Public), false},
      {reaching(Scope::Public), reaching(Scope::Any), false},
      {reaching(Scope::Loopback), reaching(Scope::Multicast), false},
      {reaching(Scope::Multicast), reaching(Scope::Loopback), false},
      {reaching(Scope::Any), reaching(Scope::Any, device), true},
      {reaching(Scope::Any, device), reaching(Scope::Any), false},
      {reaching(Scope::Any, device), reaching(Scope::Any, device), true},
      {reaching(Scope::Any, device), reaching(Scope::Any, {"eth1"}), false},
      {reaching(Scope::Any, device), reaching(Scope::Loopback), true},
      {reaching(Scope::Any), reaching(Scope::Any, transparent), false},
      {reaching(Scope::Any, transparent), reaching(Scope::Any), true},
      {reaching(Scope::Any), reaching(Scope::Any, ipv4), true},
      {reaching(Scope::Any, ipv6), reaching(Scope::Any), false},
      {reaching(Scope::Any, ipv4), reaching(Scope::Any), false},
      {reaching(Scope::Any, ipv4), reaching(Scope::Any, ipv6), false},
      {reaching(Scope::Any, ipv6), reaching(Scope::Private), true},
  };
  for (const auto& [before, now, covered] : cases) {
    LearnedSet learned;
    learned.insert(before);
    EXPECT_EQ(learned.covers(now), covered) << word(before.scope) << " " << before.reach.device << " -> "
                                            << word(now.scope) << " " << now.reach.device;
  }
}

TEST(LearnedSet, one_socket_for_both_versions_of_ip_reaches_as_far_as_one_for_each) {
  LearnedSet learned;
  learned.insert(reaching(Scope::Any, {"", true, false}));
  learned.insert(reaching(Scope::Any, {"", false, true}));
  EXPECT_TRUE(learned.covers(reaching(Scope::Any)));
  EXPECT_FALSE(learned.covers(reaching(Scope::Any, {"", true, true, true})));
}

TEST(LearnedSet, a_mere_program_is_learned_of_one_user) {
  LearnedSet learned;
  Identity alice{"host", Protocol::Tcp, "80", Scope::Any, "/bin/a"};
  alice.uid = 1000;
  learned.insert(alice);
  Identity mallory = alice;
  mallory.uid = 1001;
  EXPECT_TRUE(learned.covers(alice));
  EXPECT_FALSE(learned.covers(mallory));
}

TEST(LearnedSet, a_namespace_without_a_name_is_that_one_alone) {
  LearnedSet learned;
  Identity first{"net:[4026532246]", Protocol::Tcp, "80", Scope::Any, "/bin/a"};
  first.namespace_id = NamespaceId{7};
  learned.insert(first);
  Identity second = first;
  second.namespace_id = NamespaceId{8};
  EXPECT_TRUE(learned.covers(first));
  EXPECT_FALSE(learned.covers(second)) << "the kernel gave the inode out again";
}

}  // namespace
}  // namespace sockwatch
