// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/required.h"

#include <gtest/gtest.h>

#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

const char* const kRules =
    "[[rule]]\nname=\"all\"\naction=\"ignore\"\n"
    "[[rule]]\nname=\"ssh\"\naction=\"expect\"\nprotocol=\"tcp\"\nport=22\nunit=\"ssh*\"\nrequired=true\n"
    "[[rule]]\nname=\"dns\"\naction=\"expect\"\nport=53\nrequired=true\nseverity=\"critical\"\n";

std::vector<std::string> missing(const std::vector<Listener>& listeners) {
  std::vector<std::string> names;
  for (const RequiredRule& rule : unsatisfied({rules(kRules), {}, Action::Alert}, listeners))
    names.push_back(rule.rule);
  return names;
}

Listener tcp(std::uint16_t port) {
  return listener(listening(Protocol::Tcp, "0.0.0.0", port, 1));
}

TEST(Required, names_every_rule_that_nothing_fits) {
  const auto all = unsatisfied({rules(kRules), {}, Action::Alert}, {});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], (RequiredRule{"ssh", "policy.d/test.toml:4", Severity::Warning, {}}));
  EXPECT_EQ(all[1], (RequiredRule{"dns", "policy.d/test.toml:11", Severity::Critical, {}}));
}

TEST(Required, the_names_of_all_that_is_wanted_are_told_whether_it_is_there_or_not) {
  EXPECT_EQ(names_of_required({rules(kRules), {}, Action::Alert}), (std::vector<std::string>{"ssh", "dns"}));
}

TEST(Required, a_listener_satisfies_also_behind_a_rule_that_decides_it) {
  const Listener ssh = owned(tcp(22), unit_owner("ssh.service", "/usr/sbin/sshd"));
  EXPECT_EQ(missing({ssh}), std::vector<std::string>{"dns"});
  EXPECT_EQ(missing({ssh, tcp(53)}), std::vector<std::string>{});
}

TEST(Required, a_listener_of_somebody_else_does_not_satisfy) {
  EXPECT_EQ(missing({owned(tcp(22), unit_owner("nc.service", "/usr/bin/nc")), tcp(53)}),
            std::vector<std::string>{"ssh"});
}

TEST(Required, an_unknown_owner_gets_the_benefit_of_the_doubt) {
  EXPECT_EQ(missing({tcp(22), tcp(53)}), std::vector<std::string>{});
}

TEST(Required, a_listener_that_was_found_gone_does_not_satisfy) {
  Listener gone = tcp(53);
  gone.closed = Instant{};
  EXPECT_EQ(missing({tcp(22), gone}), std::vector<std::string>{"dns"});
}

TEST(Required, an_assigned_port_of_the_same_number_does_not_satisfy) {
  EXPECT_EQ(missing({tcp(22), assigned(tcp(53))}), std::vector<std::string>{"dns"});
}

}  // namespace
}  // namespace sockwatch
