// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/annotator.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/fakes/file_tree.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/procfs/fake_process.h"

namespace sockwatch {
namespace {

Listener annotated(Annotator& annotator, const SocketRecord& record) {
  Listener made = listener(record);
  made.annotation = {};
  const std::vector<Annotator::Task> tasks{{&made}};
  annotator.annotate(tasks);
  return made;
}

TEST(Annotator, adds_what_the_place_of_a_listener_tells) {
  Annotator annotator(ServiceTable(), std::nullopt);
  const Annotation ssh = annotated(annotator, listening(Protocol::Tcp, "0.0.0.0", 22, 1)).annotation;
  EXPECT_EQ(ssh.name_space, "host");
  EXPECT_EQ(ssh.category, Category::WellKnown);
  EXPECT_EQ(ssh.scope, Scope::Any);
  ASSERT_TRUE(ssh.service.has_value());
  EXPECT_EQ(ssh.service->name, "ssh");
  const Annotation other = annotated(annotator, listening(Protocol::Udp, "10.0.0.1", 65000, 1)).annotation;
  EXPECT_EQ(other.category, Category::Dynamic);
  EXPECT_EQ(other.scope, Scope::Private);
  EXPECT_FALSE(other.service.has_value());
}

TEST(Annotator, a_name_of_one_protocol_is_not_anothers) {
  Annotator annotator(ServiceTable::with_overrides("own", "4444\tudp\tours\n").value(), std::nullopt);
  EXPECT_EQ(annotated(annotator, listening(Protocol::Udp, "::", 4444, 1)).annotation.service->name, "ours");
  EXPECT_NE(annotated(annotator, listening(Protocol::Tcp, "::", 4444, 1)).annotation.service->name, "ours");
}

TEST(Annotator, without_a_resolver_owners_are_out_of_reach) {
  Annotator annotator(ServiceTable(), std::nullopt);
  const Owner owner = annotated(annotator, listening(Protocol::Tcp, "::", 22, 1)).annotation.owner;
  EXPECT_EQ(owner.state, OwnerState::NoPermission);
  EXPECT_TRUE(owner.holders.empty());
}

TEST(Annotator, every_listener_gets_its_own_owner) {
  FileTree proc;
  FileTree etc;
  const SocketRecord ssh = listening(Protocol::Tcp, "0.0.0.0", 22, 1);
  const SocketRecord dns = listening(Protocol::Udp, "0.0.0.0", 53, 2);
  add_process(proc, {.pid = 1, .comm = "systemd"});
  add_process(proc, {.pid = 70, .comm = "sshd", .sockets = {ssh.inode}, .exe = "/usr/sbin/sshd"});
  add_process(proc, {.pid = 71, .comm = "named", .sockets = {dns.inode}, .exe = "/usr/sbin/named"});
  Annotator annotator(ServiceTable(), OwnerResolver(proc.open(), std::nullopt, UserNames(etc.open())));
  Listener first = listener(dns);
  Listener second = listener(ssh);
  const std::vector<Annotator::Task> tasks{{&first}, {&second}};
  annotator.annotate(tasks);
  ASSERT_EQ(first.annotation.owner.holders.size(), 1U);
  EXPECT_EQ(first.annotation.owner.holders[0].comm, "named");
  ASSERT_EQ(second.annotation.owner.holders.size(), 1U);
  EXPECT_EQ(second.annotation.owner.holders[0].comm, "sshd");
  EXPECT_EQ(second.annotation.owner.state, OwnerState::Known);
}

TEST(Annotator, new_port_names_count_from_the_next_time_on) {
  Annotator annotator(ServiceTable(), std::nullopt);
  annotator.set_services(ServiceTable::with_overrides("own", "22\ttcp\tbackdoor\n").value());
  EXPECT_EQ(annotated(annotator, listening(Protocol::Tcp, "::", 22, 1)).annotation.service->name, "backdoor");
}

TEST(Annotator, an_annotation_of_before_is_replaced) {
  Annotator annotator(ServiceTable(), std::nullopt);
  Listener made = listener(listening(Protocol::Tcp, "::", 65000, 1));
  made.annotation.service = Service{};
  made.annotation.owner.state = OwnerState::Budget;
  const std::vector<Annotator::Task> tasks{{&made}};
  annotator.annotate(tasks);
  EXPECT_FALSE(made.annotation.service.has_value());
  EXPECT_EQ(made.annotation.owner.state, OwnerState::NoPermission);
}

TEST(Annotator, service_ports_of_connections_get_category_and_name) {
  Annotator annotator(ServiceTable(), std::nullopt);
  ConnectionTally tally;
  for (const std::uint16_t port : std::array<std::uint16_t, 3>{443, 65000, 0}) {
    ServiceConnections row;
    row.port = port;
    tally.by_service.push_back(row);
  }
  annotator.annotate(tally);
  EXPECT_EQ(tally.by_service[0].category, Category::WellKnown);
  EXPECT_EQ(tally.by_service[0].port_name, "https");
  EXPECT_EQ(tally.by_service[1].category, Category::Dynamic);
  EXPECT_EQ(tally.by_service[1].port_name, "");
  EXPECT_EQ(tally.by_service[2].port_name, "other") << "what came after the cap on distinct ports";
}

TEST(Annotator, a_shown_connection_is_named_by_the_port_that_serves) {
  Annotator annotator(ServiceTable(), std::nullopt);
  SeenConnection inbound{listening(Protocol::Tcp, "10.0.0.1", 22, 1), Direction::Inbound, {}};
  inbound.record.remote.port = 443;
  SeenConnection outbound = inbound;
  outbound.direction = Direction::Outbound;
  ConnectionTally tally;
  tally.seen = std::make_shared<const std::vector<SeenConnection>>(std::vector{inbound, outbound});
  annotator.annotate(tally);
  EXPECT_EQ((*tally.seen)[0].annotation.service->name, "ssh");
  EXPECT_EQ((*tally.seen)[1].annotation.service->name, "https");
  for (const SeenConnection& each : *tally.seen) {
    EXPECT_EQ(each.annotation.name_space, "host");
    EXPECT_EQ(each.annotation.scope, Scope::Private);
    EXPECT_EQ(each.annotation.owner.state, OwnerState::NoPermission);
  }
}

}  // namespace
}  // namespace sockwatch
