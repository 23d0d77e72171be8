// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/memory.h"

#include <gtest/gtest.h>

#include "tests/fakes/owned.h"

namespace sockwatch {
namespace {

std::optional<std::uint32_t> uid_of(const std::string& user) {
  return user == "alice" ? std::optional(1001U) : std::nullopt;
}

Listener served_by(std::string unit, std::string user) {
  Owner owner;
  owner.state = OwnerState::Known;
  owner.unit = std::move(unit);
  owner.user = std::move(user);
  owner.holders = {{{}, "srv", "/opt/srv", 0}};  // as it is remembered: by no pid
  return owned(scoped(listener(listening(Protocol::Tcp, "0.0.0.0", 80, 1)), Scope::Any), owner);
}

Listener of(Listener listener, std::uint32_t uid) {
  listener.annotation.owner.creator_uid = uid;
  return listener;
}

// As files of before users counted hold it.
Memory old_memory(std::vector<Identity> learned, std::vector<Listener> known) {
  Memory memory;
  for (Identity& identity : learned) memory.learned.insert(std::move(identity));
  for (Listener& each : known) each.verdict.rule = "learned";
  memory.known = std::move(known);
  memory.old_identities = true;
  return memory;
}

bool covers(const Memory& memory, const Listener& listener) {
  return memory.learned.covers(identity_of(listener));
}

const Identity kOldProgram{"host", Protocol::Tcp, "80", Scope::Any, "/opt/srv"};

TEST(OldMemory, a_program_that_was_open_vouches_for_its_user_alone) {
  Memory memory = old_memory({kOldProgram}, {served_by("", "alice")});
  complete(memory, uid_of);
  EXPECT_TRUE(covers(memory, of(served_by("", "alice"), 1001)));
  EXPECT_FALSE(covers(memory, of(served_by("", "mallory"), 1002)));
  EXPECT_FALSE(memory.old_identities);
}

TEST(OldMemory, a_program_of_which_nobody_knows_whose_it_was_vouches_for_root_alone) {
  Memory memory = old_memory({kOldProgram}, {});
  complete(memory, uid_of);
  EXPECT_TRUE(covers(memory, of(served_by("", "root"), 0)));
  EXPECT_FALSE(covers(memory, of(served_by("", "alice"), 1001)));
}

TEST(OldMemory, units_and_containers_are_as_they_were) {
  Memory memory = old_memory({{"host", Protocol::Tcp, "80", Scope::Any, "srv.service"},
                              {"host", Protocol::Tcp, "80", Scope::Any, "docker:*", "/opt/srv"},
                              {"net:*", Protocol::Tcp, "80", Scope::Any, "srv.service"}},
                             {});
  const LearnedSet before = memory.learned;
  complete(memory, uid_of);
  EXPECT_EQ(memory.learned, before);
}

TEST(OldMemory, a_name_that_counted_then_and_is_made_up_gives_way_to_the_program) {
  const std::string unit = "user@1001.service/app-x@0123456789abcdef0123456789abcdef.service";
  Memory memory = old_memory({{"host", Protocol::Tcp, "80", Scope::Any, unit}}, {served_by(unit, "alice")});
  complete(memory, uid_of);
  EXPECT_TRUE(covers(memory, of(served_by(unit, "alice"), 1001)));
  EXPECT_FALSE(covers(memory, of(served_by(unit, "mallory"), 1002)));
}

TEST(OldMemory, a_program_in_a_namespace_without_a_name_is_known_by_what_was_open_alone) {
  Identity identity = kOldProgram;
  identity.name_space = "net:[4026532246]";
  Listener known = served_by("", "alice");
  known.annotation.name_space = identity.name_space;
  known.key.name_space = NamespaceId{7};
  Memory memory = old_memory({identity}, {known});
  complete(memory, uid_of);
  EXPECT_TRUE(covers(memory, of(known, 1001)));
  known.key.name_space = NamespaceId{8};
  EXPECT_FALSE(covers(memory, of(known, 1001))) << "the inode was given out again";
  EXPECT_FALSE(covers(memory, of(known, 0)));
}

TEST(OldMemory, what_was_not_learned_is_not_learned_now) {
  Memory memory = old_memory({}, {served_by("", "alice")});
  Listener other = memory.known[0];
  other.verdict.rule = "default";
  memory.known = {other};
  complete(memory, uid_of);
  EXPECT_EQ(memory.learned.size(), 0U);
}

TEST(NewMemory, is_left_alone) {
  Memory memory = old_memory({kOldProgram}, {served_by("", "alice")});
  memory.old_identities = false;
  const LearnedSet before = memory.learned;
  complete(memory, uid_of);
  EXPECT_EQ(memory.learned, before);
}

}  // namespace
}  // namespace sockwatch
