// SPDX-License-Identifier: Apache-2.0
#include "lib/model/owner_identity.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(OwnerIdentity, two_owners_differ_by_the_strongest_name_that_both_have) {
  struct {
    OwnerIdentity before, after;
    bool differ;
  } const cases[] = {
      {{}, {}, false},
      {{"a.service", "", "/bin/a"}, {"a.service", "", "/bin/a"}, false},
      {{"a.service", "", ""}, {"", "", "/bin/a"}, false},
      {{"", "", "/bin/a"}, {}, false},
      {{"a.service", "", "/bin/a"}, {"a.service", "", ""}, false},
      {{"a.service", "", ""}, {"b.service", "", ""}, true},
      {{"a.service", "", "/bin/a"}, {"a.service", "", "/bin/b"}, false},  // an upgrade
      {{"a.service", "docker:1", ""}, {"b.service", "docker:1", ""}, false},
      {{"a.service", "", "/bin/a"}, {"b.service", "", "/bin/a"}, true},
      {{"", "lxc:1", "/bin/a"}, {"", "lxc:2", "/bin/a"}, true},
      {{"", "lxc:1", "/bin/a"}, {"", "lxc:1", "/bin/b"}, false},
      {{"", "docker:*", "/bin/a"}, {"", "docker:*", "/bin/a"}, false},
      {{"", "docker:*", "/bin/a"}, {"", "docker:*", "/bin/b"}, true},
      {{"", "docker:*", "/bin/a"}, {"", "docker:*", ""}, false},
      {{"", "docker:*", "/bin/a"}, {"", "podman:*", "/bin/a"}, true},
  };
  for (const auto& [before, after, expected] : cases) {
    EXPECT_EQ(differ(before, after), expected)
        << before.unit << before.exe << " -> " << after.unit << after.exe;
    EXPECT_EQ(differ(after, before), expected);
  }
}

TEST(OwnerIdentity, names_made_for_one_occasion_are_no_identity) {
  Owner owner;
  for (const char* unit : {"session-3.scope", "docker-0123456789ab.scope", "run-u12.service", "run-r0f.scope",
                           "user@1000.service", ""}) {
    owner.unit = unit;
    EXPECT_EQ(identity_of(owner).unit, "") << unit;
  }
  for (const char* unit : {"ssh.service", "ssh.socket", "user@1000.service/foo.service"}) {
    owner.unit = unit;
    EXPECT_EQ(identity_of(owner).unit, unit);
  }
}

TEST(OwnerIdentity, owners_without_a_common_name_are_neither_the_same_nor_others) {
  EXPECT_EQ(compare({"", "", "/bin/a"}, {"b.service", "", ""}), Likeness::Unknown);
  EXPECT_EQ(compare({"", "docker:*", "/bin/a"}, {"", "docker:*", ""}), Likeness::Unknown);
  EXPECT_EQ(compare({}, {}), Likeness::Unknown);
}

TEST(OwnerIdentity, of_several_programs_the_first_holders_names_it) {
  Owner owner;
  owner.holders = {{{1, 10}, "z", "", 0}, {{2, 20}, "z", "/bin/z", 0}, {{3, 30}, "a", "/bin/a", 0}};
  EXPECT_EQ(identity_of(owner).exe, "/bin/z");
}

TEST(OwnerIdentity, no_pid_or_self_chosen_name_enters_it) {
  Owner first;
  first.holders = {{{1, 10}, "worker-1", "/bin/a", 1000}};
  Owner second;
  second.user = "other";
  second.holders = {{{2, 20}, "worker-2", "/bin/a", 1000}};
  EXPECT_EQ(identity_of(first), identity_of(second));
}

Owner program_of(std::optional<std::uint32_t> creator, std::uint32_t holder) {
  Owner owner;
  owner.creator_uid = creator;
  owner.holders = {{{1, 10}, "a", "/bin/a", holder}};
  return owner;
}

TEST(OwnerIdentity, of_a_mere_program_the_creator_s_user_is_part) {
  EXPECT_EQ(identity_of(program_of(1000, 1000)).uid, 1000U);
  EXPECT_EQ(identity_of(program_of(0, 65534)).uid, 0U) << "it gave root's privileges up";
  EXPECT_EQ(identity_of(program_of(1000, 0)).uid, 1000U) << "it became a setuid program";
  EXPECT_EQ(identity_of(program_of(std::nullopt, 1000)).uid, 1000U);
  EXPECT_EQ(identity_of({}).uid, std::nullopt);
  Owner remembered = program_of(std::nullopt, 0);
  remembered.holders.front().id = {};
  EXPECT_EQ(identity_of(remembered).uid, std::nullopt)
      << "who is known by no pid may be remembered without a uid";
}

TEST(OwnerIdentity, a_unit_or_a_container_has_no_user) {
  Owner owner = program_of(1000, 1000);
  owner.unit = "a.service";
  EXPECT_EQ(identity_of(owner).uid, std::nullopt) << "DynamicUser= gives another each time";
  owner.unit.clear();
  owner.container = "podman:0123456789ab";
  EXPECT_EQ(identity_of(owner).uid, std::nullopt) << "so does --userns=auto";
  owner.container.clear();
  owner.unit = "session-1.scope";
  EXPECT_EQ(identity_of(owner).uid, 1000U);
}

TEST(OwnerIdentity, one_program_of_two_users_is_two_owners) {
  const OwnerIdentity alice{"", "", "/bin/a", 1000}, mallory{"", "", "/bin/a", 1001},
      somebody{"", "", "/bin/a"};
  EXPECT_EQ(compare(alice, mallory), Likeness::Other);
  EXPECT_EQ(compare(alice, alice), Likeness::Same);
  EXPECT_EQ(compare(alice, somebody), Likeness::Same);
  EXPECT_FALSE(may_be_one(program_of(1000, 1000), program_of(1001, 1001)));
  EXPECT_TRUE(may_be_one(program_of(1000, 1000), program_of(1000, 0)));
}

TEST(OwnerIdentity, a_program_is_the_same_wherever_it_is_mounted_for_one_start) {
  Owner first = program_of(1000, 1000), second = first;
  first.holders.front().exe = "/tmp/.mount_SyncthAbC123/usr/bin/syncthing";
  second.holders.front().exe = "/tmp/.mount_SyncthZZZ999/usr/bin/syncthing";
  EXPECT_EQ(identity_of(first), identity_of(second));
}

}  // namespace
}  // namespace sockwatch
