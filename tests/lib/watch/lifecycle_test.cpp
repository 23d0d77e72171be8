// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/lifecycle.h"

#include <gtest/gtest.h>

#include "tests/fakes/owned.h"
#include "tests/fakes/transitions.h"

namespace sockwatch {
namespace {

constexpr VerdictKind kExpected = VerdictKind::Expected;
constexpr VerdictKind kUnexpected = VerdictKind::Unexpected;
constexpr VerdictKind kPending = VerdictKind::Pending;

// Whatever comes from /opt is unexpected.
Verdict judge_by_program(const Listener& listener) {
  Verdict verdict;
  const auto& holders = listener.annotation.owner.holders;
  verdict.kind = !holders.empty() && holders[0].exe.starts_with("/opt/") ? kUnexpected : kExpected;
  return verdict;
}

Owner program(std::string_view exe) {
  return unit_owner("session-1.scope", exe);
}

Owner nobody_yet() {
  Owner owner;
  owner.state = OwnerState::Unexplained;
  return owner;
}

Listener by(Owner owner, VerdictKind kind = kExpected, std::uint64_t cookie = 1) {
  Listener made = owned(listener(listening(Protocol::Tcp, "0.0.0.0", 80, cookie)), std::move(owner));
  made.verdict.kind = kind;
  return made;
}

Listener shared(std::string_view first, std::string_view second) {
  Listener made = by(program(first));
  made.members.push_back(listening(Protocol::Tcp, "0.0.0.0", 80, 9));
  made.annotation.owner.others = {program(second)};
  return made;
}

Listener web(Scope scope, bool reach_meant = false) {
  Listener made = scoped(by(program("/usr/bin/a")), scope);
  made.annotation.service = Service{"http", "", "", "https (443)", Encryption::No, ServiceSource::Common};
  made.verdict.reach_meant = reach_meant;
  return made;
}

Delta noted(Delta delta) {
  note_lifecycle(delta, Scope::Private, judge_by_program);
  return delta;
}

Delta replaced(const Listener& before, const Listener& after) {
  Delta delta;
  delta.replaced = {{before, after}};
  return noted(std::move(delta));
}

Delta updated(const Listener& before, const Listener& after) {
  Delta delta;
  delta.updated = {{before, after}};
  return noted(std::move(delta));
}

Delta opened(const Listener& listener, Cause cause = Cause::Poll) {
  Delta delta;
  delta.cause = cause;
  delta.opened = {listener};
  return noted(std::move(delta));
}

TEST(Lifecycle, another_program_in_its_place_is_another_owner) {
  const Delta delta = replaced(by(program("/usr/bin/a")), by(program("/opt/b"), kUnexpected, 2));
  ASSERT_EQ(owner_changed(delta).size(), 1U);
  EXPECT_EQ(owner_changed(delta)[0].other->annotation.owner.holders[0].exe, "/usr/bin/a");
  EXPECT_EQ(owner_changed(delta)[0].listener.annotation.owner.holders[0].exe, "/opt/b");
  EXPECT_TRUE(upgraded(delta).empty());
}

TEST(Lifecycle, one_program_of_another_user_is_another_owner_unless_a_unit_says_who_it_is) {
  Listener root = by(program("/usr/bin/a"), kExpected, 2);
  root.annotation.owner.creator_uid = 0;
  EXPECT_EQ(owner_changed(replaced(by(program("/usr/bin/a")), root)).size(), 1U);
  root.annotation.owner = unit_owner("a.service", "/usr/bin/a");
  EXPECT_TRUE(owner_changed(replaced(by(unit_owner("a.service", "/usr/bin/a")), root)).empty());
  Listener remembered = by(program("/usr/bin/a"));
  remembered.annotation.owner.holders[0].id = {};
  EXPECT_TRUE(owner_changed(replaced(remembered, by(program("/usr/bin/a"), kExpected, 2))).empty())
      << "the uid was not kept over a restart";
}

TEST(Lifecycle, an_owner_found_late_is_compared_with_the_one_before_the_gap) {
  const Delta gap = replaced(by(program("/usr/bin/a")), by(nobody_yet(), kExpected, 2));
  EXPECT_TRUE(owner_changed(gap).empty());
  Listener found = gap.replaced[0].after;
  ASSERT_TRUE(found.predecessor);
  found.annotation.owner = program("/usr/bin/b");
  const Delta late = updated(gap.replaced[0].after, found);
  ASSERT_EQ(owner_changed(late).size(), 1U) << "also where the verdict was given long ago";
  EXPECT_EQ(owner_changed(late)[0].other->annotation.owner.holders[0].exe, "/usr/bin/a");
  EXPECT_FALSE(late.updated[0].after.predecessor) << "told once";
}

TEST(Lifecycle, an_owner_found_late_that_is_the_old_one_is_no_news) {
  const Delta gap = replaced(by(program("/usr/bin/a")), by(nobody_yet(), kPending, 2));
  Listener found = gap.replaced[0].after;
  found.verdict.kind = kExpected;
  found.annotation.owner = program("/usr/bin/a");
  const Delta late = updated(gap.replaced[0].after, found);
  EXPECT_TRUE(owner_changed(late).empty());
  EXPECT_FALSE(late.updated[0].after.predecessor);
}

TEST(Lifecycle, the_owner_before_two_gaps_is_remembered_and_nobody_is_no_predecessor) {
  const Delta first = replaced(by(program("/usr/bin/a")), by(nobody_yet(), kExpected, 2));
  Listener again = first.replaced[0].after;
  again.members[0].id.cookie = 3;
  const Delta second = replaced(first.replaced[0].after, again);
  ASSERT_TRUE(second.replaced[0].after.predecessor);
  EXPECT_EQ(second.replaced[0].after.predecessor->holders[0].exe, "/usr/bin/a");
  EXPECT_FALSE(replaced(by(nobody_yet()), by(nobody_yet(), kExpected, 2)).replaced[0].after.predecessor);
}

TEST(Lifecycle, a_verdict_that_waits_keeps_the_change_for_later) {
  const Delta waiting = replaced(by(program("/usr/bin/a")), by(program("/opt/b"), kPending, 2));
  EXPECT_TRUE(owner_changed(waiting).empty());
  Listener judged = waiting.replaced[0].after;
  judged.verdict.kind = kUnexpected;
  EXPECT_EQ(owner_changed(updated(waiting.replaced[0].after, judged)).size(), 1U);
}

TEST(Lifecycle, a_unit_with_another_program_was_upgraded) {
  const Listener before = by(unit_owner("db.service", "/usr/lib/db/15/bin/db"));
  const Listener after = by(unit_owner("db.service", "/usr/lib/db/16/bin/db"), kExpected, 2);
  const Delta delta = replaced(before, after);
  EXPECT_EQ(upgraded(delta).size(), 1U);
  EXPECT_TRUE(owner_changed(delta).empty());
  EXPECT_TRUE(upgraded(replaced(before, before)).empty()) << "the same file, replaced on disk";
  EXPECT_TRUE(upgraded(updated(before, after)).empty()) << "new sockets are a restart, new members are none";
}

TEST(Lifecycle, sockets_that_pass_from_one_process_to_another_change_no_owner) {
  EXPECT_TRUE(owner_changed(updated(by(program("/usr/bin/a")), by(program("/usr/bin/b")))).empty());
}

TEST(Lifecycle, a_second_owner_is_noted_once_with_the_verdict_on_each) {
  const Listener both = shared("/usr/bin/a", "/opt/b");
  const Delta delta = updated(by(program("/usr/bin/a")), both);
  ASSERT_EQ(joined(delta).size(), 1U);
  EXPECT_EQ(joined(delta)[0].other->verdict.kind, kExpected);
  EXPECT_EQ(joined(delta)[0].listener.verdict.kind, kUnexpected);
  EXPECT_EQ(joined(delta)[0].listener.annotation.owner.holders[0].exe, "/opt/b");
  const Listener& known = delta.updated[0].after;
  EXPECT_TRUE(joined(updated(known, known)).empty());
  EXPECT_TRUE(parted(updated(known, known)).empty());
}

TEST(Lifecycle, a_second_owner_that_leaves_is_noted_too_and_may_come_again) {
  const Listener both = updated(by(program("/usr/bin/a")), shared("/usr/bin/a", "/opt/b")).updated[0].after;
  Listener left = both;
  left.members.pop_back();
  left.annotation.owner.others.clear();
  const Delta delta = updated(both, left);
  ASSERT_EQ(parted(delta).size(), 1U);
  EXPECT_EQ(parted(delta)[0].listener.annotation.owner.holders[0].exe, "/opt/b");
  Listener back = delta.updated[0].after;
  back.annotation.owner = both.annotation.owner;
  EXPECT_EQ(joined(updated(delta.updated[0].after, back)).size(), 1U);
}

TEST(Lifecycle, a_second_owner_that_opened_with_the_first_is_noted_but_not_one_expected_at_the_start) {
  EXPECT_EQ(joined(opened(shared("/usr/bin/a", "/usr/bin/b"))).size(), 1U);
  EXPECT_EQ(joined(opened(shared("/usr/bin/a", "/opt/b"), Cause::Baseline)).size(), 1U);
  const Delta learned = opened(shared("/usr/bin/a", "/usr/bin/b"), Cause::Baseline);
  EXPECT_TRUE(joined(learned).empty());
  EXPECT_EQ(learned.opened[0].sharers.size(), 1U);
}

TEST(Lifecycle, while_owners_are_sought_nobody_has_left) {
  const Listener both = updated(by(program("/usr/bin/a")), shared("/usr/bin/a", "/opt/b")).updated[0].after;
  Listener sought = both;
  sought.annotation.owner.others.clear();
  sought.annotation.owner.state = OwnerState::Budget;
  EXPECT_TRUE(parted(updated(both, sought)).empty());
}

TEST(Lifecycle, plaintext_is_exposed_by_scope_and_verdict) {
  struct {
    const char* why;
    Listener listener;
    bool exposed;
  } cases[] = {
      {"everywhere", web(Scope::Any), true},
      {"the internet", web(Scope::Public), true},
      {"the widest that needs no rule", web(Scope::Private), false},
      {"this machine", web(Scope::Loopback), false},
      {"a rule names the address", web(Scope::Any, true), false},
      {"its own alert says it", web(Scope::Any), false},
      {"a port that the kernel chose means nothing", assigned(web(Scope::Any)), false},
      {"no way out is known", web(Scope::Any), false},
      {"encrypted", web(Scope::Any), false},
      {"encrypted on demand", web(Scope::Any), false},
  };
  cases[5].listener.verdict.kind = kUnexpected;
  cases[7].listener.annotation.service->safer.clear();
  cases[8].listener.annotation.service->encryption = Encryption::Yes;
  cases[9].listener.annotation.service->encryption = Encryption::StartTls;
  for (const auto& [why, listener, exposed] : cases)
    EXPECT_EQ(sockwatch::exposed(opened(listener)).size(), exposed ? 1U : 0U) << why;
}

TEST(Lifecycle, plaintext_is_noted_once_and_its_end_too) {
  const Listener exposed = opened(web(Scope::Any)).opened[0];
  EXPECT_TRUE(sockwatch::exposed(updated(exposed, exposed)).empty());
  Listener unexpected = exposed;
  unexpected.verdict.kind = kUnexpected;
  EXPECT_TRUE(covered(updated(exposed, unexpected)).empty()) << "it is no less exposed";
  Listener meant = exposed;
  meant.verdict.reach_meant = true;
  EXPECT_EQ(covered(updated(exposed, meant)).size(), 1U);
  Delta gone;
  gone.closed = {exposed, web(Scope::Any)};
  EXPECT_EQ(covered(noted(gone)).size(), 1U) << "only of what was exposed";
}

}  // namespace
}  // namespace sockwatch
