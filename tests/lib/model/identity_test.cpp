// SPDX-License-Identifier: Apache-2.0
#include "lib/model/identity.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/owned.h"

namespace sockwatch {
namespace {

Listener ssh() {
  return owned(scoped(listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1)), Scope::Any),
               unit_owner("ssh.service", "/usr/sbin/sshd"));
}

TEST(Identity, is_namespace_protocol_port_scope_and_owner) {
  EXPECT_EQ(identity_of(ssh()),
            (Identity{"host", Protocol::Tcp, "22", Scope::Any, "ssh.service", "", {"", true, false}}));
}

TEST(Identity, has_a_path_or_an_interface_where_there_is_no_port) {
  EXPECT_EQ(identity_of(listener(unix_listening("/run/a.sock", 1))).port, "/run/a.sock");
  EXPECT_EQ(identity_of(listener(packet_socket("eth0", 3, 1))).port, "eth0");
}

TEST(Identity, survives_a_restart) {
  Listener restarted = ssh();
  restarted.members.front().id.cookie = 99;
  restarted.members.front().inode = 99;
  restarted.annotation.owner.holders = {{{4321, 9999}, "sshd: new", "/usr/sbin/sshd", 0}};
  restarted.annotation.service = Service{"ssh", "", "", "", Encryption::Yes, ServiceSource::Iana};
  restarted.first_seen = restarted.opened = {MonotonicTime(std::chrono::hours(9)), {}};
  EXPECT_EQ(identity_of(restarted), identity_of(ssh()));
}

TEST(Identity, is_of_the_first_holder_with_a_program_and_does_not_depend_on_the_order_of_members) {
  Listener one = ssh();
  one.annotation.owner.unit.clear();
  one.annotation.owner.holders = {{{2, 2}, "none", "", 0}, {{1, 1}, "b", "/b", 0}, {{3, 3}, "a", "/a", 0}};
  one.members.push_back(listening(Protocol::Tcp, "0.0.0.0", 22, 2));
  Listener other = one;
  std::reverse(other.members.begin(), other.members.end());
  EXPECT_EQ(identity_of(one).owner, "/b");
  EXPECT_EQ(identity_of(one), identity_of(other));
}

TEST(Identity, differs_where_something_that_lasts_differs) {
  const Identity before = identity_of(ssh());
  Listener port = ssh(), scope = ssh(), unit = ssh(), name_space = ssh();
  port.key.local.port = 23;
  scope.annotation.scope = Scope::Loopback;
  unit.annotation.owner.unit = "other.service";
  name_space.annotation.name_space = "web";
  for (const Listener& changed : {port, scope, unit, name_space}) EXPECT_NE(identity_of(changed), before);
}

TEST(Identity, a_namespace_without_a_name_that_lasts_is_one_of_its_kind) {
  const std::pair<const char*, const char*> cases[] = {{"host", "host"},
                                                       {"blue", "blue"},
                                                       {"lxc:web", "lxc:web"},
                                                       {"net:[4026532246]", "net:*"},
                                                       {"docker:0123456789ab", "docker:*"}};
  for (const auto& [name, lasting] : cases) {
    Listener each = ssh();
    each.annotation.name_space = name;
    EXPECT_EQ(identity_of(each).name_space, lasting);
  }
  Listener program = owned(ssh(), unit_owner("session-1.scope", "/usr/bin/nc"));
  program.annotation.name_space = "net:[4026532246]";
  EXPECT_EQ(identity_of(program).name_space, "net:[4026532246]") << "that could be anybody's";
}

TEST(Identity, an_assigned_port_has_no_number) {
  Listener one = assigned(ssh());
  Listener other = one;
  other.key.local.port = 40001;
  EXPECT_EQ(identity_of(one).port, "assigned");
  EXPECT_EQ(identity_of(one), identity_of(other));
}

TEST(Identity, a_container_of_the_same_image_is_the_same_one_whatever_its_number) {
  Listener one = owned(ssh(), unit_owner("docker-0123.scope", "/usr/sbin/nginx"));
  one.annotation.owner.container = "docker:0123456789ab";
  Listener next = one, other_program = one, other_engine = one, named = one;
  next.annotation.owner.container = "docker:ba9876543210";
  other_program.annotation.owner.holders[0].exe = "/tmp/nginx";
  other_engine.annotation.owner.container = "podman:0123456789ab";
  named.annotation.owner.container = "lxc:web";
  EXPECT_EQ(identity_of(one).owner, "docker:*");
  EXPECT_EQ(identity_of(one).program, "/usr/sbin/nginx");
  EXPECT_EQ(identity_of(next), identity_of(one));
  EXPECT_NE(identity_of(other_program), identity_of(one));
  EXPECT_NE(identity_of(other_engine), identity_of(one));
  EXPECT_EQ(identity_of(named).owner, "lxc:web");
  EXPECT_EQ(identity_of(named).program, "") << "a name that lasts says it all";
}

Reach reach_of(SocketRecord record, Scope scope) {
  return identity_of(scoped(listener(record), scope)).reach;
}

TEST(Identity, holds_how_far_a_socket_reaches) {
  SocketRecord record = listening(Protocol::Tcp, "::", 80, 1);
  EXPECT_EQ(reach_of(record, Scope::Any), Reach{});
  record.v6only = true;
  EXPECT_EQ(reach_of(record, Scope::Any), (Reach{"", false, true}));
  record.local.interface_index = 3;
  EXPECT_EQ(reach_of(record, Scope::Any).device, "#3");
  record.device = "vrf-blue";
  record.transparent = true;
  EXPECT_EQ(reach_of(record, Scope::Any), (Reach{"vrf-blue", false, true, true}));
  record = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  EXPECT_EQ(reach_of(record, Scope::Any), (Reach{"", true, false}));
  record.local.interface_index = 1;
  record.device = "lo";
  EXPECT_EQ(reach_of(record, Scope::Loopback), Reach{})
      << "nothing else comes to what only this machine reaches";
  record = listening(Protocol::Udp, "fe80::1", 123, 1);
  record.local.interface_index = 2;
  record.device = "veth0";
  EXPECT_EQ(reach_of(record, Scope::LinkLocal), Reach{}) << "servers open one on each interface that comes";
}

TEST(Identity, of_a_mere_program_in_a_namespace_without_a_name_is_of_that_namespace_alone) {
  Listener first = owned(ssh(), unit_owner("session-1.scope", "/usr/bin/nc"));
  first.annotation.name_space = "net:[4026532246]";
  first.key.name_space = NamespaceId{7};
  Listener second = first;
  second.key.name_space = NamespaceId{8};
  EXPECT_NE(identity_of(first), identity_of(second));
  for (Listener* each : {&first, &second}) each->annotation.owner.unit = "web.service";
  EXPECT_EQ(identity_of(first), identity_of(second));
}

}  // namespace
}  // namespace sockwatch
