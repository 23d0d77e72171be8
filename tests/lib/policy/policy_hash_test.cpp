// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "lib/model/properties.h"
#include "lib/policy/rule.h"
#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

std::string hash(std::string_view text) {
  return policy_hash({rules(text), {}, Action::Alert});
}

TEST(PolicyHash, is_stable) {
  // Fleets compare it over versions: a change here is a change everybody sees.
  EXPECT_EQ(hash(""), "ba6d99fa4654cade");
  EXPECT_EQ(hash("[[rule]]\nname=\"a\"\naction=\"expect\"\nport=22\n"), "a56c3a342a8086a1");
}

TEST(PolicyHash, ignores_form_comments_files_and_reasons) {
  const std::string one =
      hash("[[rule]]\nname=\"a\"\naction=\"expect\"\nport=[22, 80]\nunit=[\"x\", \"y\"]\n");
  EXPECT_EQ(hash("# c\n\n[[rule]]\nport=[ 80,22,80 "
                 "]\nunit=['y','x']\nreason=\"r\"\naction='expect'\nname='a' # d\n"),
            one);
  auto moved = rules("[[rule]]\nname=\"a\"\naction=\"expect\"\nport=[22, 80]\nunit=[\"x\", \"y\"]\n");
  moved.front().origin = "elsewhere:1";
  EXPECT_EQ(policy_hash({moved, {}, Action::Alert}), one);
  EXPECT_EQ(policy_hash({moved, rules("[[rule]]\nname=\"b\"\naction=\"alert\"\n"), Action::Alert}), one);
}

TEST(PolicyHash, sees_everything_that_has_an_effect) {
  const std::string head = "[[rule]]\nname=\"a\"\naction=\"expect\"\n";
  std::set<std::string> hashes = {
      hash(""),
      policy_hash({{}, {}, Action::Ignore}),
      hash(head),
      hash("[[rule]]\nname=\"b\"\naction=\"expect\"\n"),
      hash("[[rule]]\nname=\"a\"\naction=\"alert\"\n"),
      hash(head + "protocol=\"tcp\"\n"),
      hash(head + "port=22\n"),
      hash(head + "port=22\nrequired=true\n"),
      hash(head + "port=\"ssh\"\n"),
      hash(head + "port=\"22-23\"\n"),
      hash(head + "port=\"assigned\"\n"),
      hash(head + "address=\"any\"\n"),
      hash(head + "address=\"0.0.0.0\"\n"),
      hash(head + "address=\"0.0.0.0/0\"\n"),
      hash(head + "unit=\"x\"\n"),
      hash(head + "exe=\"x\"\n"),
      hash(head + "user=\"x\"\n"),
      hash(head + "container=\"x\"\n"),
      hash(head + "namespace=\"x\"\n"),
      hash(head + "unit=[\"x\", \"y\"]\n"),
      hash(head + "unit=\"xy\"\n"),
      hash(head + "severity=\"critical\"\n"),
      hash(head + "[[rule]]\nname=\"b\"\naction=\"alert\"\n"),
      hash("[[rule]]\nname=\"b\"\naction=\"alert\"\n" + head),
      hash(head + "path=\"x\"\n"),
      hash(head + "interface=\"x\"\n"),
      hash(head + "promiscuous=true\n"),
      hash(head + "promiscuous=false\n"),
  };
  EXPECT_EQ(hashes.size(), 28U);
}

TEST(PolicyHash, sees_every_property_that_rules_match) {
  Rule rule;
  std::set<std::string> hashes;
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::Rule)) continue;
    rule.properties = {{property.name, {"x"}}};
    EXPECT_TRUE(hashes.insert(policy_hash({{rule}, {}, Action::Alert})).second) << property.name;
  }
  rule.properties = {{"of a later version", {"x"}}};
  EXPECT_TRUE(hashes.insert(policy_hash({{rule}, {}, Action::Alert})).second);
}

}  // namespace
}  // namespace sockwatch
