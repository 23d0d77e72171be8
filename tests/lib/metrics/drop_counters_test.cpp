// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/drop_counters.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

// One page a second, each of the listeners as they are at that moment.
class DropCountersTest : public ::testing::Test {
 protected:
  Listener open(std::uint16_t port, Bind bind, std::uint64_t drops = 0) {
    Listener made = listener(listening(Protocol::Udp, "0.0.0.0", port, port), clock_.now());
    made.members.front().bind = bind;
    made.annotation.scope = Scope::Any;
    made.drops_total = drops;
    return made;
  }

  // {port of the row: its counter}
  std::map<std::string, std::uint64_t> page(std::vector<Listener> listeners, std::size_t max_series = 1024) {
    clock_.advance(1s);
    View view;
    view.time = clock_.now();
    view.listeners = std::move(listeners);
    ListenerRows shown = listener_rows(view, max_series);
    counters_.count(shown.rows, view.time);
    std::map<std::string, std::uint64_t> drops;
    for (const ListenerRow& row : shown.rows) drops[row.place.port] = row.drops;
    return drops;
  }

  using Page = std::map<std::string, std::uint64_t>;

  FakeClock clock_;
  DropCounters counters_;
};

TEST_F(DropCountersTest, a_row_of_one_listener_is_that_listeners_count) {
  Listener dns = open(53, Bind::Explicit, 7);
  EXPECT_EQ(page({dns}), (Page{{"53", 7}}));
  dns.drops_total = 9;
  EXPECT_EQ(page({dns}), (Page{{"53", 9}}));
  EXPECT_EQ(page({}), Page());
  EXPECT_EQ(page({dns}), (Page{{"53", 9}})) << "back within its grace";
}

TEST_F(DropCountersTest, a_shared_row_does_not_fall_when_a_listener_closes) {
  Listener first = open(40001, Bind::Assigned, 100);
  Listener second = open(40002, Bind::Assigned);
  EXPECT_EQ(page({first, second}), (Page{{"assigned", 0}})) << "counts from here on";
  first.drops_total = 105;
  second.drops_total = 2;
  EXPECT_EQ(page({first, second}), (Page{{"assigned", 7}}));
  EXPECT_EQ(page({second}), (Page{{"assigned", 7}}));
  second.drops_total = 3;
  EXPECT_EQ(page({second}), (Page{{"assigned", 8}}));
}

TEST_F(DropCountersTest, a_listener_that_is_new_since_the_last_page_brings_all_it_dropped) {
  const Listener first = open(40001, Bind::Assigned, 100);
  (void)page({first});
  const Listener second = open(40002, Bind::Assigned, 5);
  clock_.advance(1s);
  const Listener third = open(40003, Bind::Assigned, 6);
  EXPECT_EQ(page({first, third}), (Page{{"assigned", 6}}));
  EXPECT_EQ(page({first, second, third}), (Page{{"assigned", 6}})) << "it was known before: out for a moment";
}

TEST_F(DropCountersTest, a_shared_row_that_is_back_starts_again) {
  Listener first = open(40001, Bind::Assigned);
  (void)page({first});
  first.drops_total = 4;
  EXPECT_EQ(page({first}), (Page{{"assigned", 4}}));
  EXPECT_EQ(page({}), Page());
  clock_.advance(1s);
  EXPECT_EQ(page({open(40002, Bind::Assigned, 1)}), (Page{{"assigned", 1}}));
}

// A row of UDP takes 4 series, and so does that of the others.
TEST_F(DropCountersTest, what_moves_into_the_others_brings_only_what_it_drops_there) {
  Listener dns = open(53, Bind::Explicit, 10);
  Listener ntp = open(123, Bind::Explicit, 20);
  Listener log = open(514, Bind::Explicit, 30);
  EXPECT_EQ(page({dns, ntp, log}, 12), (Page{{"53", 10}, {"123", 20}, {"514", 30}}));
  log.drops_total = 31;
  ntp.drops_total = 21;
  EXPECT_EQ(page({dns, ntp, log}, 8), (Page{{"53", 10}, {"other", 2}}));
  log.drops_total = 32;
  EXPECT_EQ(page({dns, ntp, log}, 8), (Page{{"53", 10}, {"other", 3}}));
  EXPECT_EQ(page({dns, log}, 7), (Page{{"other", 3}})) << "ntp closed, dns came";
  EXPECT_EQ(page({dns, log}, 8), (Page{{"53", 10}, {"514", 32}})) << "each with all of its own";
}

}  // namespace
}  // namespace sockwatch
