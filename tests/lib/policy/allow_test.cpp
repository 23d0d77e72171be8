// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/allow.h"

#include <gtest/gtest.h>

#include "lib/base/text.h"
#include "lib/policy/judge.h"
#include "tests/lib/policy/rules.h"

namespace sockwatch {
namespace {

Listener nc() {
  return owned(scoped(listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 1)), Scope::Any),
               unit_owner("session-1.scope", "/usr/bin/nc"));
}

VerdictKind verdict(const std::string& rule_text, const Listener& listener) {
  return judge(listener, {rules(rule_text), {}, Action::Alert}, {}, OwnerEvidence::Final).kind;
}

TEST(AllowLines, name_port_scope_and_program) {
  EXPECT_EQ(allow_lines(nc()), R"([[rule]]
name = "nc-4444-tcp"
action = "expect"
protocol = "tcp"
port = 4444
address = "any"
exe = "/usr/bin/nc"
user = "alice"
)");
}

TEST(AllowLines, prefer_the_container_then_the_unit) {
  Listener each = owned(scoped(nc(), Scope::Loopback), unit_owner("web@1.service", "/usr/bin/web"));
  EXPECT_NE(allow_lines(each).find("name = \"web-1-4444-tcp-loopback\"\n"), std::string::npos);
  EXPECT_NE(allow_lines(each).find("\nunit = \"web@1.service\"\n"), std::string::npos);
  each.annotation.owner.container = "lxc:web";
  EXPECT_NE(allow_lines(each).find("\ncontainer = \"lxc:web\"\n"), std::string::npos);
  EXPECT_EQ(allow_lines(each).find("unit"), std::string::npos);
  EXPECT_EQ(allow_lines(each).find("exe"), std::string::npos);
}

TEST(AllowLines, of_a_numbered_container_the_program_counts) {
  Listener each = owned(nc(), unit_owner("", "/usr/sbin/nginx"));
  each.annotation.owner.container = "docker:0123456789ab";
  EXPECT_TRUE(allow_lines(each).ends_with("container = \"docker:*\"\nexe = \"/usr/sbin/nginx\"\n"))
      << allow_lines(each);
  Listener next = each;
  next.annotation.owner.container = "docker:ba9876543210";
  EXPECT_EQ(verdict(allow_lines(each), next), VerdictKind::Expected);
  next.annotation.owner.holders.front().exe = "/tmp/nginx";
  EXPECT_EQ(verdict(allow_lines(each), next), VerdictKind::Unexpected);
  next.annotation.owner.holders.clear();
  EXPECT_TRUE(allow_lines(next).ends_with("container = \"docker:ba9876543210\"\n")) << allow_lines(next);
}

TEST(AllowLines, name_the_creator_s_user_who_stays_when_a_server_gives_its_privileges_up) {
  Listener each = nc();
  each.annotation.owner.creator_uid = 0;
  each.annotation.owner.creator_user = "root";
  EXPECT_TRUE(allow_lines(each).ends_with("exe = \"/usr/bin/nc\"\nuser = \"root\"\n")) << allow_lines(each);
  EXPECT_EQ(verdict(allow_lines(each), each), VerdictKind::Expected);
}

TEST(AllowLines, name_the_user_of_a_program_without_a_name) {
  Listener nameless = nc();
  Owner& owner = nameless.annotation.owner;
  owner = Owner{};
  owner.holders = {{{77, 1}, "nc", "", 1000, "max"}};
  owner.user = owner.creator_user = "max";
  EXPECT_TRUE(allow_lines(nameless).ends_with("user = \"max\"\n")) << allow_lines(nameless);
}

TEST(AllowLines, of_a_unix_name_with_a_nul_load_and_mean_that_name) {
  using namespace std::string_literals;
  const Listener bus = owned(listener(unix_listening("\0bus\0y"s, 1)), unit_owner("bus.service", "/bus"));
  EXPECT_EQ(verdict(allow_lines(bus), bus), VerdictKind::Expected) << allow_lines(bus);
  const Listener other = owned(listener(unix_listening("\0bus"s, 1)), unit_owner("bus.service", "/bus"));
  EXPECT_EQ(verdict(allow_lines(bus), other), VerdictKind::Unexpected);
  EXPECT_EQ(verdict(allow_lines(other), bus), VerdictKind::Unexpected);
}

TEST(AllowLines, take_another_name) {
  const std::string text = allow_lines_named("nc-2", nc());
  EXPECT_TRUE(text.starts_with("[[rule]]\nname = \"nc-2\"\naction = ")) << text;
  EXPECT_EQ(allow_name(nc()), "nc-4444-tcp");
}

TEST(AllowLines, an_assigned_port_is_named_by_its_word) {
  const std::string text = allow_lines(assigned(nc()));
  EXPECT_NE(text.find("name = \"nc-assigned-tcp\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nport = \"assigned\"\n"), std::string::npos) << text;
}

TEST(AllowLines, without_an_owner_the_place_alone_is_named) {
  const std::string text = allow_lines(owned(nc(), {}));
  EXPECT_TRUE(text.starts_with("[[rule]]\nname = \"port-4444-tcp\"\n")) << text;
  EXPECT_TRUE(text.ends_with("address = \"any\"\n")) << text;
}

TEST(AllowLines, another_namespace_than_the_hosts_is_named) {
  Listener each = nc();
  each.annotation.name_space = "net:[4026531840]";
  EXPECT_NE(allow_lines(each).find("\nnamespace = \"net:[[]4026531840]\"\n"), std::string::npos)
      << allow_lines(each);
  EXPECT_EQ(verdict(allow_lines(each), each), VerdictKind::Expected);
  EXPECT_EQ(verdict(allow_lines(each), nc()), VerdictKind::Unexpected);
  Listener service = owned(each, unit_owner("web.service", "/usr/bin/web"));
  Listener next = service;
  next.annotation.name_space = "net:[4026532999]";
  EXPECT_NE(allow_lines(service).find("\nnamespace = \"net:*\"\n"), std::string::npos);
  EXPECT_EQ(verdict(allow_lines(service), next), VerdictKind::Expected) << "the inode is another each time";
  each.annotation.name_space = "a[b]*";
  EXPECT_NE(allow_lines(each).find("\nnamespace = \"a[[]b][*]\"\n"), std::string::npos) << allow_lines(each);
  EXPECT_EQ(verdict(allow_lines(each), each), VerdictKind::Expected);
  EXPECT_EQ(verdict(allow_lines(each), nc()), VerdictKind::Unexpected);
}

const std::vector<std::string> kEvilNames = {
    "/bin/quote\"s'",
    "/bin/new\nline",
    "/bin/tab\tand\x1b[31mred",
    "/bin/back\\slash",
    "/bin/ends\\",
    "/bin/[",
    "/bin/]",
    "/bin/[a-z]",
    "/bin/*",
    "/bin/?",
    "/bin/[!x]*\\?",
    "/bin/\xff\xfe",
    "/bin/\xfe\xff",
    "/bin/ab",
    "/bin/\xff",
    "/bin/\xc3(",
    "/bin/端口",
    "/bin/\xe2\x80\xae"
    "reversed",
    "/bin/\xc2\x9b"
    "c1",
    "/bin/\x7f",
    "/bin/#{}[]=,",
    "/bin/name = \"x\"\n[[rule]]\nname = \"evil\"\naction = \"expect\"\n",
    "/",
    "/bin/ (deleted)",
    "/" + std::string(4095, 'a'),
};

TEST(AllowLines, expect_the_listener_whatever_its_names_hold) {
  for (const std::string& evil : kEvilNames) {
    Listener exe = owned(nc(), unit_owner("", evil));
    Listener unit = owned(nc(), unit_owner(evil + ".service", "/x"));
    Listener container = exe;
    container.annotation.owner.container = evil;
    for (const Listener& each : {exe, unit, container}) {
      const std::string text = allow_lines(each);
      EXPECT_TRUE(is_utf8(text));
      const auto parsed = parse_policy("f", text, {});
      ASSERT_TRUE(parsed) << parsed.error().message << "\n" << text;
      EXPECT_EQ(parsed->size(), 1U) << text;
      EXPECT_EQ(verdict(text, each), VerdictKind::Expected) << text;
    }
  }
}

TEST(AllowLines, expect_nothing_else) {
  for (const std::string& evil : kEvilNames) {
    for (const std::string& other : kEvilNames) {
      if (other == evil) continue;
      EXPECT_EQ(verdict(allow_lines(owned(nc(), unit_owner("", evil))), owned(nc(), unit_owner("", other))),
                VerdictKind::Unexpected)
          << evil << " allows " << other;
    }
  }
  Listener port = nc();
  port.key.local.port = 4445;
  EXPECT_EQ(verdict(allow_lines(nc()), port), VerdictKind::Unexpected);
  EXPECT_EQ(verdict(allow_lines(nc()), scoped(nc(), Scope::Public)), VerdictKind::Unexpected);
  EXPECT_EQ(verdict(allow_lines(nc()), assigned(nc())), VerdictKind::Unexpected);
}

TEST(AllowLines, are_one_line_a_key_and_safe_on_a_terminal) {
  for (const std::string& evil : kEvilNames) {
    const std::string text = allow_lines(owned(nc(), unit_owner("", evil)));
    for (const std::string_view line : split(text, '\n')) {
      std::string shown = printable(line);
      // printable() also doubles as an escaper of backslashes, which are harmless here.
      for (std::size_t at = shown.find("\\x5c"); at != std::string::npos; at = shown.find("\\x5c", at + 1)) {
        shown.replace(at, 4, "\\");
      }
      EXPECT_EQ(shown, line);
    }
  }
}

TEST(AllowLines, name_a_sniffer_by_its_interface_and_a_unix_socket_by_its_path) {
  const Owner owner = unit_owner("capture.service", "/usr/bin/dumpcap");
  const Listener sniffer = owned(listener(packet_socket("eth0", 3, 1, true)), owner);
  EXPECT_EQ(allow_lines(sniffer), R"([[rule]]
name = "capture-eth0-packet"
action = "expect"
protocol = "packet"
interface = "eth0"
promiscuous = true
unit = "capture.service"
)");
  const Listener server = owned(listener(unix_listening("/run/a*/b.sock", 1)), owner);
  for (const Listener& each : {sniffer, server})
    EXPECT_EQ(verdict(allow_lines(each), each), VerdictKind::Expected) << allow_lines(each);
  EXPECT_EQ(verdict(allow_lines(sniffer), owned(listener(packet_socket("eth1", 3, 1, true)), owner)),
            VerdictKind::Unexpected);
  EXPECT_EQ(verdict(allow_lines(server), owned(listener(unix_listening("/run/ab/b.sock", 1)), owner)),
            VerdictKind::Unexpected);
}

}  // namespace
}  // namespace sockwatch
