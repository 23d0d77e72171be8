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

TEST(OwnerIdentity, a_container_s_number_does_not_last_and_its_name_does) {
  const std::pair<const char*, const char*> cases[] = {
      {"docker:0123456789ab", "docker:*"},
      {"user@1000.service/podman:0123456789ab", "user@1000.service/podman:*"},
      {"lxc:web", "lxc:web"},
      {"lxc:0123456789aX", "lxc:0123456789aX"},
      {"docker:0123456789abc", "docker:0123456789abc"},
      {"0123456789ab", "0123456789ab"},
      {"", ""},
  };
  for (const auto& [container, lasting] : cases) EXPECT_EQ(lasting_container(container), lasting);
}

TEST(OwnerIdentity, of_several_programs_the_first_holders_names_it) {
  Owner owner;
  owner.holders = {{{1, 10}, "z", "", 0}, {{2, 20}, "z", "/bin/z", 0}, {{3, 30}, "a", "/bin/a", 0}};
  EXPECT_EQ(identity_of(owner).exe, "/bin/z");
}

TEST(OwnerIdentity, no_pid_user_or_self_chosen_name_enters_it) {
  Owner first;
  first.holders = {{{1, 10}, "worker-1", "/bin/a", 1000}};
  Owner second;
  second.user = "other";
  second.holders = {{{2, 20}, "worker-2", "/bin/a", 0}};
  EXPECT_EQ(identity_of(first), identity_of(second));
}

}  // namespace
}  // namespace sockwatch
