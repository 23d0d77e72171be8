// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/fakes/said.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(OwnerProperties, the_first_holder_stands_for_the_owner) {
  Listener held = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  Owner& owner = held.annotation.owner;
  owner.unit = "ssh.socket";
  owner.holder_unit = "ssh.service";
  owner.user = "root";
  owner.holders = {{{812, 4000}, "sshd", "/usr/sbin/sshd", 0}, {{1, 2}, "systemd", "/usr/lib/systemd", 0}};
  EXPECT_EQ(said(held, "unit"), "ssh.socket");
  EXPECT_EQ(said(held, "holder_unit"), "ssh.service");
  EXPECT_EQ(said(held, "exe"), "/usr/sbin/sshd");
  EXPECT_EQ(said(held, "comm"), "sshd");
  EXPECT_EQ(said(held, "pid"), "812");
  EXPECT_EQ(said(held, "uid"), "0");
  EXPECT_EQ(said(held, "creator_uid"), "1000");
}

TEST(OwnerProperties, the_creator_stands_in_for_a_holder_that_was_not_found) {
  const Listener lone = listener(listening(Protocol::Tcp, "127.0.0.1", 80, 1));
  EXPECT_EQ(said(lone, "uid"), "1000");
  EXPECT_EQ(said(lone, "pid"), "-");
}

TEST(OwnerProperties, owners_and_holders_that_are_only_counted_are_a_number) {
  Listener crowded = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  for (const char* name : {"more_owners", "more_holders"}) EXPECT_EQ(said(crowded, name), "-") << name;
  Owner& owner = crowded.annotation.owner;
  owner.more_others = 3;
  owner.left_out.count = 40;
  owner.others.emplace_back().left_out.count = 2;
  EXPECT_EQ(said(crowded, "more_owners"), "3");
  EXPECT_EQ(said(crowded, "more_holders"), "42");
}

TEST(OwnerProperties, uid_0_of_states_without_an_owner_is_not_root) {
  for (const SocketState state : {SocketState::TimeWait, SocketState::SynRecv, SocketState::Established}) {
    SocketRecord record = listening(Protocol::Tcp, "10.0.0.1", 22, 9);
    record.state = state;
    record.uid = 0;
    record.inode = 0;
    Annotation annotation;
    annotation.owner.user = "root";
    const std::vector<Field> fields = fields_of(record, annotation, Direction::Inbound);
    for (const char* name : {"uid", "user", "pid", "creator_uid", "owner_state"})
      EXPECT_EQ(said(fields, name), "-") << word(state) << " " << name;
  }
}

TEST(OwnerProperties, alerts_are_told_apart_by_names_that_outlive_a_restart) {
  Listener session = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  session.annotation.owner.unit = "session-3.scope";
  session.annotation.owner.container = "docker:0123456789ab";
  for (const Property& property : properties()) {
    if (!property.lasting) continue;
    const std::optional<Value> lasting = property.lasting(known(session));
    const std::optional<Value> now = property.get(known(session));
    const bool may_differ = property.name == "unit" || property.name == "container";
    EXPECT_EQ(lasting == now, !may_differ) << property.name;
  }
}

}  // namespace
}  // namespace sockwatch
