// SPDX-License-Identifier: Apache-2.0
#include "lib/crosscheck/cross_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <set>
#include <utility>

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

using Claims = std::vector<PortClaim>;

class FakeWitness final : public PortWitness {
 public:
  FakeWitness(std::string name, std::function<Result<Claims>()> answer, bool may_deny = true)
      : name_(std::move(name)), answer_(std::move(answer)), may_deny_(may_deny) {}

  std::string_view name() const override { return name_; }
  Result<Claims> ask() override { return answer_(); }
  bool may_deny() const override { return may_deny_; }

 private:
  std::string name_;
  std::function<Result<Claims>()> answer_;
  bool may_deny_;
};

const PortClaim kSsh{Protocol::Tcp, 22, 100};
const PortClaim kDoor{Protocol::Tcp, 4444, 200};

FakeWitness says(std::string name, Claims claims) {
  return {std::move(name), [claims] { return claims; }};
}

CrossCheck::Result check(std::vector<PortWitness*> witnesses, Duration per_question = {}) {
  Duration now{};
  return CrossCheck(
             std::move(witnesses), [] {}, [&] { return now += per_question; }, 1s)
      .run();
}

TEST(CrossCheck, witnesses_that_agree_are_asked_three_times_and_no_more) {
  FakeWitness one = says("one", {kSsh, kDoor});
  FakeWitness other = says("other", {kDoor, kSsh});
  const auto result = check({&one, &other});
  EXPECT_TRUE(result.hidden.empty());
  EXPECT_TRUE(result.unseen.empty());
  EXPECT_EQ(result.rounds, 3);
}

TEST(CrossCheck, names_who_denies_and_who_shows_whichever_is_asked_first) {
  FakeWitness liar = says("liar", {kSsh});
  FakeWitness honest = says("honest", {kSsh, kDoor});
  const std::vector<HiddenPort> expected{{Protocol::Tcp, 4444, "liar", "honest"}};
  EXPECT_EQ(check({&liar, &honest}).hidden, expected);
  EXPECT_EQ(check({&honest, &liar}).hidden, expected);
}

TEST(CrossCheck, a_port_that_two_show_and_one_denies_is_one_finding_a_pair) {
  FakeWitness liar = says("liar", {});
  FakeWitness a = says("a", {kDoor});
  FakeWitness b = says("b", {kDoor});
  EXPECT_EQ(check({&a, &liar, &b}).hidden, (std::vector<HiddenPort>{{Protocol::Tcp, 4444, "liar", "a"},
                                                                    {Protocol::Tcp, 4444, "liar", "b"}}));
}

TEST(CrossCheck, the_same_port_of_another_protocol_does_not_excuse) {
  FakeWitness liar = says("liar", {{Protocol::Udp, 4444, 300}});
  FakeWitness honest = says("honest", {{Protocol::Udp, 4444, 300}, kDoor});
  EXPECT_EQ(check({&liar, &honest}).hidden.size(), 1U);
}

TEST(CrossCheck, another_socket_on_the_port_excuses) {
  FakeWitness one = says("one", {{Protocol::Tcp, 4444, 201}});
  FakeWitness other = says("other", {kDoor});
  EXPECT_TRUE(check({&one, &other}).hidden.empty());
}

TEST(CrossCheck, one_who_cannot_deny_accuses_and_is_not_accused) {
  FakeWitness claims_only(
      "bind", [] { return Claims{kDoor}; }, false);
  FakeWitness other = says("other", {kSsh});
  EXPECT_EQ(check({&other, &claims_only}).hidden,
            (std::vector<HiddenPort>{{Protocol::Tcp, 4444, "other", "bind"}}));
}

TEST(CrossCheck, a_dump_that_skips_a_socket_now_and_then_accuses_nobody) {
  int asked = 0;
  FakeWitness forgetful("forgetful", [&] { return ++asked % 5 == 0 ? Claims{kDoor} : Claims{}; });
  FakeWitness honest = says("honest", {kDoor});
  EXPECT_TRUE(check({&forgetful, &honest}).hidden.empty());
}

TEST(CrossCheck, twelve_denials_in_a_row_are_proof_and_eleven_are_not) {
  for (const auto& [shown_in_round, hidden] : {std::pair(13, false), std::pair(14, true)}) {
    int asked = 0;
    const int round = shown_in_round;
    // What it says in the first round denies nothing that was shown before.
    FakeWitness forgetful("forgetful",
                          [&asked, round] { return ++asked >= round ? Claims{kDoor} : Claims{}; });
    FakeWitness honest = says("honest", {kDoor});
    EXPECT_EQ(check({&forgetful, &honest}).hidden.empty(), !hidden) << round;
  }
}

TEST(CrossCheck, a_new_socket_in_each_round_is_no_hidden_one) {
  std::uint32_t inode = 0;
  FakeWitness slow = says("slow", {});
  FakeWitness quick("quick", [&] { return Claims{{Protocol::Tcp, 4444, ++inode}}; });
  EXPECT_TRUE(check({&slow, &quick}).hidden.empty());
}

TEST(CrossCheck, churn_accuses_nobody_and_never_saves_the_hidden_one) {
  constexpr std::uint32_t kSeed = 20261201;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  std::set<PortClaim> open;
  std::uint32_t inode = 1000;
  const auto churn = [&] {
    for (int i = 0; i < 20; ++i) {
      const auto port = static_cast<std::uint16_t>(5000 + random() % 50);
      const auto at = open.lower_bound({Protocol::Tcp, port, 0});
      if (at != open.end() && at->port == port) {
        open.erase(at);
      } else {
        open.insert({Protocol::Tcp, port, ++inode});
      }
    }
    return Claims(open.begin(), open.end());
  };
  for (int run = 0; run < 1000; ++run) {
    FakeWitness one("one", churn);
    FakeWitness other("other", [&] {
      Claims claims = churn();
      claims.push_back(kDoor);
      return claims;
    });
    ASSERT_EQ(check({&one, &other}).hidden, (std::vector<HiddenPort>{{Protocol::Tcp, 4444, "one", "other"}}))
        << "run " << run;
  }
}

TEST(CrossCheck, who_fails_is_named_and_the_others_go_on) {
  FakeWitness broken("broken", [] { return Result<Claims>(Error{"no such file"}); });
  FakeWitness liar = says("liar", {});
  FakeWitness honest = says("honest", {kDoor});
  const auto result = check({&liar, &broken, &honest});
  EXPECT_EQ(result.unseen, (std::vector<Unseen>{{"broken", "no such file"}}));
  EXPECT_EQ(result.hidden, (std::vector<HiddenPort>{{Protocol::Tcp, 4444, "liar", "honest"}}));
}

TEST(CrossCheck, a_single_witness_proves_nothing) {
  FakeWitness broken("broken", [] { return Result<Claims>(Error{"no such file"}); });
  FakeWitness honest = says("honest", {kDoor});
  const auto result = check({&broken, &honest});
  EXPECT_TRUE(result.hidden.empty());
  EXPECT_EQ(result.unseen.size(), 1U);
}

TEST(CrossCheck, past_its_budget_it_says_so_and_finds_nothing) {
  FakeWitness liar = says("liar", {});
  FakeWitness honest = says("honest", {kDoor});
  const auto result = check({&liar, &honest}, 400ms);
  EXPECT_TRUE(result.hidden.empty());
  ASSERT_EQ(result.unseen.size(), 1U);
  EXPECT_EQ(result.unseen.front().what, "hidden listeners");
}

}  // namespace
}  // namespace sockwatch
