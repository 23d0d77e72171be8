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
      {{"", "docker:1", "/bin/a"}, {"", "docker:2", "/bin/a"}, true},
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
