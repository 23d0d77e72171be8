// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/namespace_roster.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

using Inodes = std::vector<std::uint64_t>;
constexpr NamespaceId kOwn{77};

// None of the paths leads anywhere: as if all had died since they were found.
class Roster : public testing::Test {
 protected:
  FileTree proc_{R"(
    self/ns/net -> net:[1]
    1/ns/net -> net:[1]
    20/ns/net -> net:[5]
  )"};
  FakeClock clock_;
  NamespaceRoster roster_{proc_.open(), kOwn};

  bool places(SocketEvent event) { return roster_.place(event); }
};

SocketEvent event_in(std::uint64_t inode, NamespaceId id, std::int32_t pid) {
  SocketEvent event;
  event.record.id = {id, 9};
  event.namespace_inode = inode;
  event.caller = Holder{{pid, 1}, "server", "/usr/bin/server", 0};
  return event;
}

TEST_F(Roster, finds_the_others_and_knows_its_own) {
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), Inodes{5});
  EXPECT_EQ(roster_.name_of(kOwn), "host");
  EXPECT_EQ(roster_.name_of(NamespaceId{78}), "") << "never met";
  EXPECT_EQ(roster_.name_of_inode(5), "net:[5]");
  EXPECT_EQ(roster_.names(), std::vector<std::string>{"net:[5]"});
  EXPECT_TRUE(roster_.out_of_sight().empty());
}

TEST_F(Roster, searches_again_only_after_a_rest) {
  roster_.refresh(clock_.now());
  proc_.link("30/ns/net", "net:[6]");
  clock_.advance(std::chrono::seconds(1));
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), Inodes{5});
  clock_.advance(std::chrono::minutes(2));
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), (Inodes{5, 6}));
  proc_.remove("20");
  clock_.advance(std::chrono::minutes(2));
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), Inodes{6}) << "the dead are forgotten";
}

TEST_F(Roster, searches_at_once_when_a_way_in_has_vanished) {
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.enter(5).error().code, ENOENT);
  proc_.link("30/ns/net", "net:[6]");
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), (Inodes{5, 6}));
  EXPECT_EQ(roster_.unreadable(), 0U) << "gone is not refused";
}

TEST_F(Roster, a_search_among_many_processes_comes_in_parts_and_changes_nothing_before_its_end) {
  roster_.refresh(clock_.now());
  constexpr int kProcesses = 1000;
  for (int i = 0; i < kProcesses; ++i) proc_.link(std::to_string(1000 + i) + "/ns/net", "net:[1]");
  proc_.link("500/ns/net", "net:[6]");
  clock_.advance(std::chrono::minutes(2));
  int parts = 1;
  while (roster_.search(clock_.now())) {
    ++parts;
    EXPECT_EQ(roster_.inodes(), Inodes{5});
    ASSERT_LE(parts, kProcesses);
  }
  EXPECT_GE(parts, 4) << "so many system calls in one go stop the loop";
  EXPECT_EQ(roster_.inodes(), (Inodes{5, 6}));
  EXPECT_FALSE(roster_.search(clock_.now())) << "it rests";
}

TEST_F(Roster, a_hint_during_a_search_starts_the_next_one) {
  for (int i = 0; i < 1000; ++i) proc_.link(std::to_string(1000 + i) + "/ns/net", "net:[1]");
  EXPECT_TRUE(roster_.search(clock_.now()));
  proc_.link("30/ns/net", "net:[6]");  // behind what was listed
  EXPECT_TRUE(places(event_in(9, NamespaceId{900}, 31)));
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), Inodes{5});
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), (Inodes{5, 6}));
}

TEST_F(Roster, of_many_that_are_wanted_at_once_one_look_visits_some_and_forgets_none) {
  for (int i = 0; i < 600; ++i)
    proc_.link(std::to_string(1000 + i) + "/ns/net", "net:[" + std::to_string(1000 + i) + "]");
  roster_.refresh(clock_.now());
  std::set<std::uint64_t> seen;
  for (int look = 0; look < 3; ++look) {
    const Inodes turn = roster_.due(clock_.now(), 0);
    EXPECT_LE(turn.size(), 300U);
    seen.insert(turn.begin(), turn.end());
  }
  EXPECT_EQ(seen.size(), 601U);
}

TEST_F(Roster, knows_how_long_the_one_waits_whose_turn_is_next) {
  proc_.link("30/ns/net", "net:[6]");
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.longest_unvisited(clock_.now()), Duration(0)) << "none was visited yet";
  (void)roster_.due(clock_.now(), 9);
  clock_.advance(std::chrono::seconds(2));
  (void)roster_.due(clock_.now(), 1);
  EXPECT_EQ(roster_.longest_unvisited(clock_.now()), std::chrono::seconds(2));
  clock_.advance(std::chrono::seconds(1));
  (void)roster_.due(clock_.now(), 1);
  EXPECT_EQ(roster_.longest_unvisited(clock_.now()), std::chrono::seconds(1));
}

TEST_F(Roster, enters_nothing_it_has_not_found) {
  EXPECT_EQ(roster_.enter(5).error().code, ENOENT);
}

TEST_F(Roster, many_take_turns_and_the_wanted_ones_go_first) {
  for (int i = 0; i < 9; ++i)
    proc_.link(std::to_string(100 + i) + "/ns/net", "net:[" + std::to_string(100 + i) + "]");
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.due(clock_.now(), 3).size(), 10U) << "new ones are wanted";
  std::set<std::uint64_t> seen;
  for (int look = 0; look < 4; ++look) {
    clock_.advance(std::chrono::milliseconds(250));
    const Inodes turn = roster_.due(clock_.now(), 3);
    EXPECT_EQ(turn.size(), 3U);
    seen.insert(turn.begin(), turn.end());
  }
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_TRUE(roster_.due(clock_.now(), 3).empty()) << "a look that only confirms goes nowhere else";
  EXPECT_TRUE(places(event_in(105, NamespaceId{1050}, 105)));
  EXPECT_EQ(roster_.due(clock_.now(), 3), Inodes{105});
}

TEST_F(Roster, an_event_leads_to_a_namespace_by_who_caused_it) {
  roster_.refresh(clock_.now());
  proc_.link("30/ns/net", "net:[6]");
  EXPECT_TRUE(places(event_in(6, NamespaceId{600}, 30)));
  EXPECT_EQ(roster_.inodes(), (Inodes{5, 6}));
  EXPECT_EQ(roster_.name_of(NamespaceId{600}), "net:[6]");
}

TEST_F(Roster, an_event_of_a_namespace_that_died_is_all_there_is) {
  roster_.refresh(clock_.now());
  EXPECT_TRUE(places(event_in(9, NamespaceId{900}, 31)));
  EXPECT_EQ(roster_.inodes(), Inodes{5});
  EXPECT_EQ(roster_.name_of(NamespaceId{900}), "net:[9]");
}

TEST_F(Roster, a_caller_that_has_moved_on_leads_nowhere) {
  roster_.refresh(clock_.now());
  EXPECT_TRUE(places(event_in(9, NamespaceId{900}, 20)));
  EXPECT_EQ(roster_.inodes(), Inodes{5});
}

TEST_F(Roster, a_number_that_leads_nowhere_makes_it_search) {
  roster_.refresh(clock_.now());
  SocketEvent event = event_in(0, NamespaceId{}, 0);
  event.namespace_number = 4711;
  EXPECT_FALSE(places(event));
  proc_.link("30/ns/net", "net:[6]");
  roster_.refresh(clock_.now());
  EXPECT_EQ(roster_.inodes(), (Inodes{5, 6}));
}

TEST_F(Roster, names_of_the_dead_do_not_pile_up) {
  for (std::uint64_t i = 1000; i < 10'000; ++i) EXPECT_TRUE(places(event_in(i, NamespaceId{i}, 31)));
  EXPECT_EQ(roster_.name_of(NamespaceId{1000}), "");
  EXPECT_EQ(roster_.name_of(NamespaceId{9'999}), "net:[9999]");
}

}  // namespace
}  // namespace sockwatch
