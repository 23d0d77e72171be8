// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/raised_set.h"

#include <gtest/gtest.h>

#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

using Subjects = std::set<std::string>;

Raised raised(const Listener& listener, std::string subject) {
  return {identity_of(listener), "0.0.0.0", std::move(subject)};
}

TEST(RaisedSet, the_last_of_a_kind_ends_it_under_the_subject_that_raised_it) {
  RaisedSet set;
  const Listener one = assigned("tool", 40000);
  const Listener other = assigned("tool", 40001);
  EXPECT_TRUE(set.hold(one.key, raised(one, "tool")));
  EXPECT_FALSE(set.hold(one.key, raised(one, "tool"))) << "held already";
  EXPECT_FALSE(set.hold(other.key, raised(other, "tool"))) << "the second of its kind";
  EXPECT_EQ(set.subjects(), Subjects{"tool"});
  EXPECT_FALSE(set.let_go(one.key)) << "the other one stands";
  const auto ended = set.let_go(other.key);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->subject, "tool");
  EXPECT_FALSE(set.let_go(other.key));
  EXPECT_TRUE(set.subjects().empty());
}

TEST(RaisedSet, an_owner_that_is_found_later_leaves_nothing_behind) {
  RaisedSet set;
  Listener listener = assigned("tool", 40000);
  listener.annotation.owner = Owner{};
  (void)set.hold(listener.key, raised(listener, "of nobody"));
  own(listener, "tool", "tool.service");
  (void)set.hold(listener.key, raised(listener, "of tool"));
  EXPECT_EQ(set.let_go(listener.key)->subject, "of nobody");
  EXPECT_TRUE(set.subjects().empty());
}

TEST(RaisedSet, notes_end_one_by_one_or_with_what_they_begin_with) {
  RaisedSet set;
  const ListenerKey key = netcat().key;
  for (const char* subject : {"second owner a", "second owner b", "plaintext"}) set.note(key, subject);
  EXPECT_TRUE(set.take_note(key, "second owner a"));
  EXPECT_FALSE(set.take_note(key, "second owner a"));
  set.keep_notes(key, "second owner ", {"second owner b"});
  EXPECT_EQ(set.subjects(), (Subjects{"second owner b", "plaintext"}));
  set.keep_notes(key, "second owner ", {});
  EXPECT_EQ(set.subjects(), Subjects{"plaintext"});
  EXPECT_TRUE(set.has_notes(key));
  set.keep_notes(key, {}, {});
  EXPECT_FALSE(set.has_notes(key));
}

}  // namespace
}  // namespace sockwatch
