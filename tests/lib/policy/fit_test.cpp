// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/fit.h"

#include <gtest/gtest.h>

#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

Listener tcp(std::string_view address, std::uint16_t port) {
  return listener(listening(Protocol::Tcp, address, port, 1));
}

bool fits(std::string_view matchers, const Listener& listener) {
  return fit(rule(matchers), listener) == Fit::Yes;
}

TEST(Fit, a_rule_without_matchers_takes_everything) {
  EXPECT_TRUE(fits("", tcp("0.0.0.0", 22)));
  EXPECT_TRUE(fits("", assigned(listener(listening(Protocol::Udp, "::1", 40000, 1)))));
}

TEST(Fit, every_matcher_must_take_the_listener) {
  const Listener ssh = scoped(tcp("0.0.0.0", 22), Scope::Any);
  EXPECT_TRUE(fits("protocol = \"tcp\"\nport = 22\naddress = \"any\"\nnamespace = \"host\"", ssh));
  EXPECT_FALSE(fits("protocol = \"udp\"\nport = 22\naddress = \"any\"\nnamespace = \"host\"", ssh));
  EXPECT_FALSE(fits("protocol = \"tcp\"\nport = 23\naddress = \"any\"\nnamespace = \"host\"", ssh));
  EXPECT_FALSE(fits("protocol = \"tcp\"\nport = 22\naddress = \"loopback\"\nnamespace = \"host\"", ssh));
  EXPECT_FALSE(fits("protocol = \"tcp\"\nport = 22\naddress = \"any\"\nnamespace = \"web*\"", ssh));
}

TEST(Fit, one_value_of_a_list_is_enough) {
  const std::string_view matchers =
      "protocol = [\"udp\", \"tcp\"]\nport = [1, \"20-30\"]\naddress = [\"loopback\", \"10.0.0.0/8\"]";
  EXPECT_TRUE(fits(matchers, scoped(tcp("10.1.2.3", 22), Scope::Private)));
  EXPECT_TRUE(fits(matchers, scoped(tcp("127.0.0.1", 1), Scope::Loopback)));
  EXPECT_FALSE(fits(matchers, scoped(tcp("192.168.0.1", 22), Scope::Private)));
}

TEST(Fit, protocols_are_exact) {
  EXPECT_FALSE(fits("protocol = \"tcp\"", listener(listening(Protocol::Mptcp, "0.0.0.0", 22, 1))));
  EXPECT_FALSE(fits("protocol = \"udp\"", listener(listening(Protocol::Udplite, "0.0.0.0", 22, 1))));
}

TEST(Fit, ranges_include_both_ends) {
  const struct {
    std::uint16_t port;
    bool inside;
  } cases[] = {{7999, false}, {8000, true}, {8050, true}, {8100, true}, {8101, false}};
  for (const auto& each : cases) {
    EXPECT_EQ(fits("port = \"8000-8100\"", tcp("::", each.port)), each.inside) << each.port;
  }
}

TEST(Fit, a_service_name_means_its_protocol_only) {
  EXPECT_TRUE(fits("port = \"ssh\"", tcp("0.0.0.0", 22)));
  EXPECT_FALSE(fits("port = \"ssh\"", listener(listening(Protocol::Udp, "0.0.0.0", 22, 1))));
}

TEST(Fit, an_assigned_port_is_meant_by_its_word_and_never_by_its_number) {
  const Listener chosen = tcp("0.0.0.0", 40000);
  EXPECT_TRUE(fits("port = 40000", chosen));
  EXPECT_FALSE(fits("port = \"assigned\"", chosen));
  EXPECT_FALSE(fits("port = 40000", assigned(chosen)));
  EXPECT_TRUE(fits("port = \"assigned\"", assigned(chosen)));
  EXPECT_TRUE(fits("port = [22, \"assigned\"]", assigned(chosen)));
}

TEST(Fit, where_the_kernel_does_not_tell_who_chose_the_port_the_number_counts) {
  Listener unknown = tcp("0.0.0.0", 40000);
  unknown.members.front().bind = Bind::Unknown;
  EXPECT_TRUE(fits("port = 40000", unknown));
  EXPECT_FALSE(fits("port = \"assigned\"", unknown));
}

TEST(Fit, a_dual_stack_wildcard_is_also_on_the_ipv4_wildcard) {
  const Listener dual = tcp("::", 80);
  Listener v6only = dual;
  v6only.members.front().v6only = true;
  const struct {
    std::string_view address;
    bool dual, v6only, v4;
  } cases[] = {
      {"0.0.0.0", true, false, true}, {"0.0.0.0/0", true, false, true},    {"::", true, true, false},
      {"::/0", true, true, false},    {"10.0.0.0/8", false, false, false}, {"127.0.0.1", false, false, false},
      {"::1", false, false, false},
  };
  for (const auto& each : cases) {
    const std::string matcher = "address = \"" + std::string(each.address) + "\"";
    EXPECT_EQ(fits(matcher, dual), each.dual) << matcher;
    EXPECT_EQ(fits(matcher, v6only), each.v6only) << matcher;
    EXPECT_EQ(fits(matcher, tcp("0.0.0.0", 80)), each.v4) << matcher;
  }
}

TEST(Fit, globs_match_the_whole_name) {
  const Listener web = owned(tcp("0.0.0.0", 80), unit_owner("nginx.service", "/usr/sbin/nginx"));
  for (const char* matcher :
       {"unit = \"nginx.service\"", "unit = \"ngin?.*\"", "unit = [\"x\", \"[m-n]*\"]",
        "exe = \"/usr/sbin/nginx\"", "exe = \"/usr/*\"", "user = \"alice\"", "user = \"a*\""}) {
    EXPECT_TRUE(fits(matcher, web)) << matcher;
  }
  for (const char* matcher : {"unit = \"nginx\"", "unit = \"NGINX.service\"", "exe = \"nginx\"",
                              "exe = \"/opt/*\"", "user = \"bob\"", "user = \"1000\"", "container = \"*\""}) {
    EXPECT_EQ(fit(rule(matcher), web), Fit::No) << matcher;
  }
}

Holder process(std::int32_t pid, std::string exe, std::uint32_t uid = 0, std::string user = "") {
  return {{pid, 1}, "comm", std::move(exe), uid, std::move(user)};
}

Listener held_by(std::vector<Holder> holders) {
  Owner owner;
  owner.state = OwnerState::Known;
  owner.holders = std::move(holders);
  return owned(tcp("::", 22), owner);
}

TEST(Fit, every_holder_but_systemd_must_be_the_program) {
  const Holder systemd = process(1, "/usr/lib/systemd/systemd"),
               users = process(900, "/usr/lib/systemd/systemd"), sshd = process(7, "/usr/sbin/sshd"),
               worker = process(8, "/usr/sbin/sshd"), nc = process(9, "/bin/nc"), unread = process(10, "");
  struct {
    std::vector<Holder> holders;
    Fit fit;
  } const cases[] = {
      {{sshd}, Fit::Yes},        {{sshd, worker}, Fit::Yes},     {{systemd, sshd}, Fit::Yes},
      {{users, sshd}, Fit::Yes}, {{sshd, nc}, Fit::No},          {{nc, sshd}, Fit::No},
      {{systemd}, Fit::No},      {{systemd, sshd, nc}, Fit::No}, {{}, Fit::No},
      {{sshd, unread}, Fit::No},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(fit(rule("exe = \"/usr/sbin/sshd\""), held_by(each.holders)), each.fit)
        << each.holders.size() << (each.holders.empty() ? "" : each.holders.back().exe);
  }
  for (const char* matcher : {"exe = \"/usr/sbin/sshd\"", "user = \"*\""}) {
    Listener crowded = held_by({process(10, "/usr/sbin/sshd")});
    crowded.annotation.owner.left_out = {9, false};
    EXPECT_TRUE(fits(matcher, crowded));
    crowded.annotation.owner.left_out.unlike = true;
    EXPECT_FALSE(fits(matcher, crowded)) << "more programs and users than are known";
  }
  EXPECT_TRUE(fits("exe = \"*/systemd\"", held_by({systemd}))) << "a socket unit that nobody serves yet";
}

TEST(Fit, who_opened_it_and_became_another_program_has_borrowed_the_name) {
  Listener node = held_by({process(7, "/usr/bin/node")});
  Owner& owner = node.annotation.owner;
  owner.opener = process(7, "/home/mallory/evil");
  EXPECT_FALSE(fits("exe = \"/usr/bin/node\"", node));
  owner.opener = process(7, "evil");  // an event may tell no more
  EXPECT_FALSE(fits("exe = \"/usr/bin/node\"", node));
  owner.opener = process(7, "node");
  EXPECT_TRUE(fits("exe = \"/usr/bin/node\"", node));
  owner.opener = process(6, "/usr/bin/dockerd");
  EXPECT_TRUE(fits("exe = \"/usr/bin/node\"", node)) << "it was handed over";
}

struct UserCase {
  std::optional<std::uint32_t> creator;
  std::vector<Holder> holders;
  Fit root, nobody, alice;
};

TEST(Fit, a_user_is_the_creator_and_every_holder_unless_root_gave_it_away) {
  const Holder root = process(7, "/a", 0, "root"), nobody = process(8, "/a", 65534, "nobody"),
               alice = process(9, "/a", 1000, "alice"),
               systemd = process(1, "/usr/lib/systemd/systemd", 0, "root");
  const UserCase cases[] = {
      {0, {root}, Fit::Yes, Fit::Undecided, Fit::Undecided},  // may be about to become them
      {0, {nobody}, Fit::Yes, Fit::Yes, Fit::No},             // it gave its privileges up
      {0, {root, nobody}, Fit::Yes, Fit::Yes, Fit::No},       // a master and its workers
      {0, {nobody, alice}, Fit::Yes, Fit::No, Fit::No},       // of two users it is neither's
      {0, {systemd, alice}, Fit::Yes, Fit::No, Fit::Yes},     // a socket unit
      {0, {}, Fit::Yes, Fit::Undecided, Fit::Undecided},
      {1000, {alice}, Fit::No, Fit::No, Fit::Yes},
      {1000, {root}, Fit::No, Fit::No, Fit::No},  // exec of a setuid program
      {1000, {alice, root}, Fit::No, Fit::No, Fit::No},
      {1000, {nobody}, Fit::No, Fit::No, Fit::No},
      {1000, {}, Fit::No, Fit::No, Fit::Yes},
      {std::nullopt, {alice}, Fit::No, Fit::No, Fit::Yes},
      {std::nullopt, {alice, root}, Fit::No, Fit::No, Fit::No},
  };
  for (const UserCase& each : cases) {
    Listener listener = held_by(each.holders);
    Owner& owner = listener.annotation.owner;
    owner.creator_uid = each.creator;
    if (each.creator) owner.creator_user = *each.creator == 0 ? "root" : "alice";
    owner.user = each.holders.empty() ? owner.creator_user : each.holders.front().user;
    const std::string about = owner.creator_user + " -> " + owner.user;
    EXPECT_EQ(fit(rule("user = \"root\""), listener), each.root) << about;
    EXPECT_EQ(fit(rule("user = \"nobody\""), listener), each.nobody) << about;
    EXPECT_EQ(fit(rule("user = \"alice\""), listener), each.alice) << about;
  }
}

TEST(Fit, a_transparent_socket_sits_on_every_address) {
  SocketRecord record = listening(Protocol::Tcp, "127.0.0.1", 80, 1);
  record.transparent = true;
  const Listener proxy = scoped(listener(record), Scope::Any);
  EXPECT_FALSE(fits("address = \"loopback\"", proxy));
  EXPECT_FALSE(fits("address = \"127.0.0.1\"", proxy));
  EXPECT_FALSE(fits("address = \"127.0.0.0/8\"", proxy));
  EXPECT_TRUE(fits("address = \"any\"", proxy));
  EXPECT_TRUE(fits("address = \"0.0.0.0\"", proxy));
  EXPECT_TRUE(fits("port = 80", proxy));
}

TEST(Fit, a_rule_with_sockets_of_its_own_means_no_others) {
  const Listener own = listener(listening(Protocol::Tcp, "127.0.0.1", 80, 7));
  Rule rule;
  rule.sockets.emplace();
  EXPECT_EQ(fit(rule, own), Fit::No);
  for (const OwnSocket& name : {OwnSocket{7, 100007}, OwnSocket{7, 0}}) {
    rule.sockets = {name};
    EXPECT_EQ(fit(rule, own), Fit::Yes);
  }
  for (const OwnSocket& name : {OwnSocket{8, 100007}, OwnSocket{7, 100008}, OwnSocket{0, 0}}) {
    rule.sockets = {name};
    EXPECT_EQ(fit(rule, own), Fit::No) << name.cookie;
  }
  Listener without_cookie = own;
  without_cookie.members[0].id.cookie = without_cookie.members[0].inode;
  rule.sockets = {OwnSocket{7, 100007}};
  EXPECT_EQ(fit(rule, without_cookie), Fit::Yes) << "a kernel without sock_diag";
  Listener shared = own;
  shared.members.push_back(listening(Protocol::Tcp, "127.0.0.1", 80, 9));
  EXPECT_EQ(fit(rule, shared), Fit::No) << "somebody else shares the port";
}

TEST(Fit, a_name_with_a_nul_is_matched_to_its_end) {
  using namespace std::string_literals;
  const Listener bus = listener(unix_listening("\0bus1"s, 1));
  const Listener other = listener(unix_listening("\0bus1\0evil"s, 1));
  const auto matches = [](std::string glob, const Listener& socket) {
    Rule rule;
    rule.properties["path"] = {std::move(glob)};
    return fit(rule, socket) == Fit::Yes;
  };
  EXPECT_TRUE(matches("@bus1", bus));
  EXPECT_FALSE(matches("@bus1", other));
  EXPECT_TRUE(matches("@bus1\0evil"s, other));
  EXPECT_FALSE(matches("@bus1\0evil"s, bus));
  EXPECT_TRUE(matches("@bus?evil"s.replace(4, 1, "1?"), other));
  EXPECT_TRUE(matches("@bus*", other));
  EXPECT_TRUE(matches("@bus1*il", other));
  EXPECT_FALSE(
      matches("@bus1\x01"
              "evil",
              other))
      << "the byte that stands in for it";
  EXPECT_TRUE(fits("path = \"@bus1\\u0000evil\"", other)) << "as TOML writes it";
}

TEST(Fit, a_user_without_a_name_goes_by_the_creators_number) {
  EXPECT_TRUE(fits("user = \"1000\"", tcp("0.0.0.0", 22)));
  EXPECT_EQ(fit(rule("user = \"root\""), tcp("0.0.0.0", 22)), Fit::No);
}

// What is known of the owner decides; what is not leaves the matter open, except where something else says
// no.
TEST(Fit, an_unknown_owner_is_undecided) {
  Owner nothing;
  Owner cgroup_only;
  cgroup_only.cgroup = "/system.slice/x.service";
  cgroup_only.unit = "x.service";
  Owner login;
  login.cgroup = "/user.slice";
  Owner kernel;
  kernel.state = OwnerState::Kernel;
  const struct {
    std::string_view matcher;
    Fit nothing, cgroup_only, login, kernel;
  } cases[] = {
      {"unit = \"x.*\"", Fit::Undecided, Fit::Yes, Fit::No, Fit::No},
      {"unit = \"y.*\"", Fit::Undecided, Fit::No, Fit::No, Fit::No},
      {"container = \"*\"", Fit::Undecided, Fit::No, Fit::No, Fit::No},
      {"exe = \"*\"", Fit::Undecided, Fit::Undecided, Fit::Undecided, Fit::No},
      {"exe = \"*\"\nunit = \"y.*\"", Fit::Undecided, Fit::No, Fit::No, Fit::No},
      {"exe = \"*\"\nport = 23", Fit::No, Fit::No, Fit::No, Fit::No},
      {"exe = \"*\"\nuser = \"nobody\"", Fit::No, Fit::No, Fit::No, Fit::No},
      {"port = 22", Fit::Yes, Fit::Yes, Fit::Yes, Fit::Yes},
  };
  const Listener ssh = tcp("0.0.0.0", 22);
  for (const auto& each : cases) {
    EXPECT_EQ(fit(rule(each.matcher), owned(ssh, nothing)), each.nothing) << each.matcher;
    EXPECT_EQ(fit(rule(each.matcher), owned(ssh, cgroup_only)), each.cgroup_only) << each.matcher;
    EXPECT_EQ(fit(rule(each.matcher), owned(ssh, login)), each.login) << each.matcher;
    EXPECT_EQ(fit(rule(each.matcher), owned(ssh, kernel)), each.kernel) << each.matcher;
  }
}

TEST(Fit, many_stars_against_a_long_hostile_name_end_soon) {
  Owner owner = unit_owner("x.service", "/" + std::string(4000, 'a'));
  const std::string glob = "exe = \"*a*a*a*a*a*a*a*a*a*a*a*a*b\"";
  EXPECT_EQ(fit(rule(glob), owned(tcp("0.0.0.0", 22), owner)), Fit::No);
}

TEST(Fit, unix_and_packet_sockets_are_meant_only_by_name) {
  using namespace std::string_literals;
  const Listener path = listener(unix_listening("/run/db/a.sock", 1));
  const Listener abstract = listener(unix_listening("\0agent"s, 1));
  EXPECT_FALSE(fits("", path));
  EXPECT_FALSE(fits("address = \"any\"", path));
  EXPECT_FALSE(fits("", listener(packet_socket("eth0", 3, 1))));
  EXPECT_TRUE(fits("protocol = \"unix\"", path));
  EXPECT_TRUE(fits("path = \"/run/*\"", path));
  EXPECT_FALSE(fits("path = \"/tmp/*\"", path));
  EXPECT_FALSE(fits("protocol = [\"tcp\", \"unix\"]\naddress = \"loopback\"", scoped(path, Scope::Loopback)));
  EXPECT_FALSE(fits("protocol = [\"tcp\", \"packet\"]\nport = 3", listener(packet_socket("eth0", 3, 1))));
  EXPECT_TRUE(fits("path = \"@agent\"", abstract));
  EXPECT_FALSE(fits("path = \"*\"", tcp("0.0.0.0", 22)));
}

TEST(Fit, a_sniffer_is_told_from_other_packet_sockets) {
  const Listener sniffer = listener(packet_socket("eth0", 3, 1, true));
  const Listener quiet = listener(packet_socket("eth0", 3, 1));
  EXPECT_TRUE(fits("promiscuous = true", sniffer));
  EXPECT_FALSE(fits("promiscuous = true", quiet));
  EXPECT_TRUE(fits("protocol = \"packet\"\npromiscuous = false", quiet));
  EXPECT_TRUE(fits("interface = \"eth*\"", sniffer));
  EXPECT_FALSE(fits("interface = \"wlan0\"", sniffer));
  EXPECT_FALSE(fits("promiscuous = false", tcp("0.0.0.0", 22)));
}

TEST(Fit, what_speaks_mptcp_is_tcp_to_a_rule_that_says_so) {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  record.mptcp = true;
  EXPECT_TRUE(fits("protocol = \"tcp\"", listener(record)));
  EXPECT_TRUE(fits("protocol = \"mptcp\"", listener(record)));
  EXPECT_FALSE(fits("protocol = \"mptcp\"", tcp("0.0.0.0", 80)));
}

}  // namespace
}  // namespace sockwatch
