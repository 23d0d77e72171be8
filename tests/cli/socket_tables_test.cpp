// SPDX-License-Identifier: Apache-2.0
#include "cli/socket_tables.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

std::string row(const OpenListener& open) {
  return listener_table(std::vector{open}).render({.headers = false});
}

SeenConnection connection(const SocketRecord& record, Owner owner) {
  SeenConnection made{record, Direction::Outbound, {}};
  made.annotation.owner = std::move(owner);
  return made;
}

TEST(ListenerTable, says_what_waits_where_for_whom_and_whether_that_was_expected) {
  const std::vector listeners{
      sshd(), open_listener(Protocol::Tcp, "127.0.0.1", 4444, owned_by("", "nc", 4711, "max"))};
  EXPECT_EQ(listener_table(listeners).render({}),
            "PROTO  ADDRESS    PORT  SERVICE  SCOPE  OWNER        PROCESS   PID  USER  VERDICT\n"
            "tcp    0.0.0.0      22  ssh      any    ssh.service  sshd      812  root  expected\n"
            "tcp    127.0.0.1  4444           any    nc           nc       4711  max   unexpected\n");
}

TEST(ListenerTable, fits_eighty_columns_without_its_hints) {
  const std::string table = listener_table(std::vector{sshd()}).render({.width = 70});
  EXPECT_EQ(table,
            "PROTO  ADDRESS  PORT  SERVICE  SCOPE  OWNER        PID  USER  VERDICT\n"
            "tcp    0.0.0.0    22  ssh      any    ssh.service  812  root  expected\n");
}

TEST(ListenerTable, an_owner_nobody_knows_has_its_reason) {
  struct {
    OwnerState state;
    std::string_view cells;
  } const cases[] = {
      {OwnerState::NoPermission, "no-permission  -  -  -"},
      {OwnerState::Kernel, "kernel  -  -  -"},
      {OwnerState::OtherPidNamespace, "other-pid-namespace  -  -  -"},
      {OwnerState::Unexplained, "unexplained  -  -  -"},
  };
  for (const auto& [state, cells] : cases) {
    EXPECT_EQ(row(open_listener(Protocol::Udp, "::1", 9, owned_by_nobody(state))),
              "udp  ::1  9  any  " + std::string(cells) + "  unexpected\n");
  }
}

TEST(ListenerTable, an_owner_known_by_its_unit_only_has_the_reason_beside_it) {
  Owner owner = owned_by_nobody(OwnerState::NoPermission);
  owner.unit = "cups.service";
  owner.user = "root";
  EXPECT_EQ(row(open_listener(Protocol::Tcp, "::1", 631, owner)),
            "tcp  ::1  631  any  cups.service  no-permission  -  root  unexpected\n");
}

TEST(ListenerTable, a_container_names_its_socket_before_the_unit_it_runs_in) {
  Owner owner = owned_by("docker.service", "nginx", 5, "root");
  owner.container = "docker:0123456789ab";
  EXPECT_EQ(row(open_listener(Protocol::Tcp, "::1", 80, owner)),
            "tcp  ::1  80  any  docker:0123456789ab  nginx  5  root  unexpected\n");
}

TEST(ListenerTable, sockets_that_share_a_port_are_one_row) {
  OpenListener open = sshd();
  for (const std::uint64_t cookie : {2U, 3U}) {
    open.listener.members.push_back(listening(Protocol::Tcp, "0.0.0.0", 22, cookie));
  }
  open.listener.annotation.owner.holders.push_back({{900, 1}, "sshd", "", 0});
  EXPECT_EQ(row(open), "tcp  0.0.0.0  22  ssh  any  ssh.service  sshd  812+1  root  expected  members=3\n");
}

TEST(ListenerTable, a_row_for_ipv6_says_when_it_takes_ipv4_too) {
  OpenListener open = open_listener(Protocol::Udp, "::", 40000, owned_by_nobody(OwnerState::Kernel));
  open.listener.members.front().bind = Bind::Assigned;
  EXPECT_EQ(row(open), "udp  ::  40000  any  kernel  -  -  -  unexpected  +ipv4 assigned\n");
  open.listener.members.front().v6only = true;
  EXPECT_EQ(row(open), "udp  ::  40000  any  kernel  -  -  -  unexpected  assigned\n");
}

TEST(ListenerTable, an_interface_is_part_of_the_address) {
  OpenListener open = open_listener(Protocol::Tcp, "fe80::1", 80, owned_by_nobody(OwnerState::Kernel));
  open.listener.key.local.interface_index = 2;
  EXPECT_EQ(row(open), "tcp  fe80::1%2  80  any  kernel  -  -  -  unexpected\n");
}

TEST(ListenerTable, a_programs_own_name_cannot_steer_the_terminal) {
  const std::string text = row(open_listener(Protocol::Tcp, "::1", 80, owned_by("", "\x1b[31mx", 5, "a\nb")));
  EXPECT_EQ(text, "tcp  ::1  80  any  \\x1b[31mx  \\x1b[31mx  5  a\\x0ab  unexpected\n");
}

TEST(ListenerTable, each_verdict_has_its_colour) {
  struct {
    VerdictKind kind;
    std::string_view painted;
  } const cases[] = {{VerdictKind::Expected, "\x1b[32mexpected\x1b[0m"},
                     {VerdictKind::Unexpected, "\x1b[1;31munexpected\x1b[0m"},
                     {VerdictKind::Ignored, "\x1b[2mignored\x1b[0m"},
                     {VerdictKind::Pending, "\x1b[33mpending\x1b[0m"}};
  for (const auto& [kind, painted] : cases) {
    OpenListener open = sshd();
    open.listener.verdict.kind = kind;
    EXPECT_TRUE(
        listener_table(std::vector{open}).render({.colour = true}).ends_with(std::string(painted) + "\n"));
  }
}

TEST(ConnectionTable, shows_both_ends_and_whose_ours_is) {
  const auto record = connected("10.1.2.3", 50000, "192.0.2.1", 443, 1);
  EXPECT_EQ(connection_table(std::vector{connection(record, owned_by("", "curl", 99, "max"))}).render({}),
            "PROTO  STATE        LOCAL           PEER           DIRECTION  OWNER  PROCESS  PID  USER\n"
            "tcp    established  10.1.2.3:50000  192.0.2.1:443  outbound   curl   curl      99  max\n");
}

TEST(ConnectionTable, a_socket_without_a_file_is_nobodys) {
  SocketRecord record = connected("::1", 22, "::1", 50000, 1);
  record.state = SocketState::TimeWait;
  record.inode = 0;
  EXPECT_EQ(connection_table(std::vector{connection(record, owned_by_nobody(OwnerState::Exited))})
                .render({.headers = false}),
            "tcp  time-wait  [::1]:22  [::1]:50000  outbound  -  -  -  -\n");
}

}  // namespace
}  // namespace sockwatch
