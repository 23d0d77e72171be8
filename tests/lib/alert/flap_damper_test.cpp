// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/flap_damper.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

class FlapDampers : public testing::Test {
 protected:
  // "opened", "closed", … about a place; the subject is the place's but for what is over when it is told.
  static Alert alert(Event event, AlertTone tone, const std::string& place = "nc") {
    Alert made;
    made.event = event;
    made.tone = tone;
    made.message = std::string(word(event));
    made.rule = place;
    if (event != Event::ListenerShortLived) made.subject = place;
    return made;
  }
  static Alert opened(const std::string& place = "nc") {
    return alert(Event::ListenerOpened, AlertTone::Wrong, place);
  }
  static Alert closed() { return alert(Event::ListenerClosed, AlertTone::Right); }
  static Alert short_lived() { return alert(Event::ListenerShortLived, AlertTone::Wrong); }

  Told pass(std::vector<Alert> alerts = {}) {
    return messages(damper_.pass(std::move(alerts), clock_.now()));
  }
  static Told messages(const std::vector<Alert>& alerts) {
    Told all;
    for (const Alert& alert : alerts) all.push_back(alert.message);
    return all;
  }
  // Opens and closes, both told.
  void rounds(int number, Duration apart = 1min) {
    for (int i = 0; i < number; ++i) {
      EXPECT_EQ(pass({opened()}), Told{"listener-opened"}) << i;
      EXPECT_EQ(pass({closed()}), Told{"listener-closed"}) << i;
      clock_.advance(apart);
    }
  }

  FakeClock clock_;
  FlapDamper damper_{[](const Alert& alert) { return alert.rule; }};
};

const std::string kFlaps =
    "listener-opened; number 5 within 4m: the next are told in one, hourly and when it has been calm for 10m";

TEST_F(FlapDampers, the_fifth_time_within_an_hour_is_the_last_that_is_told_at_once) {
  rounds(4);
  EXPECT_EQ(pass({opened()}), Told{kFlaps});
  EXPECT_EQ(pass({closed()}), Told{});
  EXPECT_EQ(pass({opened()}), Told{});
  EXPECT_EQ(pass({opened("another")}), Told{"listener-opened"}) << "of another place";
}

TEST_F(FlapDampers, what_comes_seldom_is_told_each_time) {
  rounds(20, 15min);
  EXPECT_EQ(damper_.folded(), 0U);
}

TEST_F(FlapDampers, when_it_is_calm_the_last_one_tells_how_things_stand) {
  rounds(4);
  pass({opened()});
  pass({closed()});
  clock_.advance(9min);
  pass({opened()});
  clock_.advance(9min);
  EXPECT_EQ(pass({closed()}), Told{});
  clock_.advance(10min - 1s);
  EXPECT_EQ(pass(), Told{});
  clock_.advance(1s);
  EXPECT_EQ(pass(), Told{"listener-closed; 2 alerts about it before folded into this one"});
  EXPECT_EQ(damper_.folded(), 2U);
  EXPECT_EQ(pass(), Told{});
}

TEST_F(FlapDampers, one_that_stays_open_for_a_minute_is_told_as_open) {
  rounds(4);
  pass({opened()});
  pass({closed(), opened()});
  clock_.advance(1min - 1s);
  EXPECT_EQ(pass({short_lived()}), Told{}) << "whatever else goes on there";
  clock_.advance(1s);
  EXPECT_EQ(pass(), Told{"listener-opened; 1 alert about it before folded into this one"});
}

TEST_F(FlapDampers, one_that_is_never_calm_is_told_once_an_hour) {
  rounds(4);
  pass({opened()});
  int told = 0;
  for (int minute = 0; minute < 180; ++minute) {
    clock_.advance(30s);
    told += static_cast<int>(pass({closed()}).size());
    clock_.advance(30s);
    told += static_cast<int>(pass({opened()}).size());
  }
  EXPECT_EQ(told, 3);
  EXPECT_EQ(damper_.folded(), 357U) << "and those told are all of the 360";
}

TEST_F(FlapDampers, what_is_over_when_it_is_told_flaps_as_well) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(pass({short_lived()}), Told{"listener-short-lived"});
  EXPECT_EQ(pass({short_lived()}).size(), 1U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pass({short_lived()}), Told{});
  clock_.advance(10min);
  EXPECT_EQ(pass(), Told{"listener-short-lived; 2 alerts about it before folded into this one"});
}

TEST_F(FlapDampers, after_the_calm_the_next_rounds_are_told_until_it_flaps_again) {
  rounds(4);
  pass({opened()});
  clock_.advance(10min);
  EXPECT_EQ(pass(), Told{}) << "all of it was told";
  EXPECT_EQ(pass({closed()}), Told{"listener-closed"});
  clock_.advance(1h);
  rounds(4);
  EXPECT_EQ(pass({opened()}), Told{kFlaps});
}

TEST_F(FlapDampers, a_rule_that_expects_it_ends_it_at_once) {
  rounds(4);
  pass({opened()});
  pass({closed()});
  EXPECT_EQ(pass({alert(Event::ListenerOpened, AlertTone::Right)}), Told{"listener-opened"});
  clock_.advance(10min);
  EXPECT_EQ(pass(), Told{});
  EXPECT_EQ(pass({opened()}), Told{"listener-opened"});
}

TEST_F(FlapDampers, another_owner_is_told_at_every_turn_and_takes_the_place_of_what_waits) {
  rounds(4);
  pass({opened()});
  pass({closed()});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(pass({alert(Event::OwnerChanged, AlertTone::Wrong)}), Told{"owner-changed"});
  }
  clock_.advance(10min);
  EXPECT_EQ(pass(), Told{}) << "it is open, and that was told";
  EXPECT_EQ(damper_.folded(), 1U);
}

TEST_F(FlapDampers, subjects_of_one_place_are_told_one_by_one_in_the_end) {
  rounds(4);
  Alert plaintext = alert(Event::PlaintextExposed, AlertTone::Wrong);
  plaintext.subject = "plaintext on nc";
  EXPECT_EQ(pass({opened(), plaintext}), Told{kFlaps});
  clock_.advance(10min);
  EXPECT_EQ(pass(), Told{"plaintext-exposed"});
}

TEST_F(FlapDampers, another_owner_in_the_same_place_is_another) {
  rounds(4);
  pass({opened()});
  Alert another = opened();
  another.rule = "another's";
  EXPECT_EQ(pass({another}), Told{"listener-opened"});
  clock_.advance(10min);
  EXPECT_EQ(pass(), Told{});
}

TEST_F(FlapDampers, what_was_withheld_of_one_owner_is_not_told_after_the_next_one_s) {
  rounds(4);
  pass({opened()});
  pass({closed()});
  Alert another = opened();
  another.rule = "another's";
  EXPECT_EQ(pass({another}), Told{"listener-opened"});
  clock_.advance(10min);
  EXPECT_EQ(pass(), Told{}) << "it would end the other's";
  EXPECT_EQ(damper_.folded(), 1U);
}

TEST_F(FlapDampers, what_is_withheld_can_be_saved) {
  rounds(4);
  pass({opened()});
  EXPECT_TRUE(damper_.withheld().empty());
  pass({closed(), opened()});
  EXPECT_EQ(messages(damper_.withheld()), Told{"listener-opened"});
  pass({closed()});
  EXPECT_EQ(messages(damper_.withheld()), Told{"listener-closed"});
}

TEST_F(FlapDampers, when_the_daemon_stops_nothing_is_kept_back) {
  rounds(4);
  pass({opened()});
  pass({closed()});
  EXPECT_EQ(messages(damper_.finish(clock_.now())), Told{"listener-closed"});
  EXPECT_EQ(messages(damper_.finish(clock_.now())), Told{});
}

TEST_F(FlapDampers, what_is_about_no_place_is_never_held_up) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pass({opened("")}), Told{"listener-opened"});
}

}  // namespace
}  // namespace sockwatch
