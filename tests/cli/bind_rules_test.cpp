// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/suggestion.h"
#include "lib/policy/policy_loader.h"
#include "tests/cli/looks.h"

namespace sockwatch {
namespace {

Listener open(Protocol protocol, std::string_view address, std::uint16_t port, std::string unit) {
  Listener made = open_listener(protocol, address, port, owned_by(std::move(unit), "x", 1, "root")).listener;
  made.verdict = {VerdictKind::Expected, "web", "policy.d/a.toml:1", "", Severity::Warning};
  return made;
}

Listener on_assigned_port(Listener listener) {
  listener.members.front().bind = Bind::Assigned;
  return listener;
}

Listener unexpected(Listener listener) {
  listener.verdict = {VerdictKind::Unexpected, "default", "", "", Severity::Warning};
  return listener;
}

constexpr SystemdBuild kSystemd{257, true};

Policy policy(std::string_view rules) {
  return {parse_policy("policy.d/a.toml", rules, {}).value(), {}, Action::Alert};
}

TEST(BindRules, allow_what_is_open_and_expected_and_nothing_else) {
  const std::vector<Listener> listeners{open(Protocol::Tcp, "0.0.0.0", 80, "nginx.service"),
                                        open(Protocol::Tcp, "::", 80, "nginx.service"),
                                        open(Protocol::Udp, "10.1.2.3", 443, "nginx.service"),
                                        unexpected(open(Protocol::Tcp, "0.0.0.0", 4444, "nginx.service"))};
  const BindSuggestion suggestion = suggest_bind_rules(listeners, {}, kSystemd);
  ASSERT_EQ(suggestion.drop_ins.size(), 1U);
  EXPECT_EQ(suggestion.drop_ins.front().unit, "nginx.service");
  EXPECT_EQ(suggestion.drop_ins.front().text, R"(# /etc/systemd/system/nginx.service.d/50-sockwatch.conf
# What this service may bind to: what the policy expects of it. systemd 249 or later.
[Service]
# Nothing but what follows.
SocketBindDeny=any
# 0.0.0.0:80/tcp is open: rule "web" (policy.d/a.toml:1)
# [::]:80/tcp is open: rule "web" (policy.d/a.toml:1)
SocketBindAllow=tcp:80
# 10.1.2.3:443/udp is open: rule "web" (policy.d/a.toml:1)
SocketBindAllow=ipv4:udp:443
# NOT allowed: 0.0.0.0:4444/tcp: unexpected, no rule names it
)");
}

std::string allowed(const BindSuggestion& suggestion) {
  std::string text;
  for (const DropIn& drop_in : suggestion.drop_ins) {
    for (std::size_t at = 0; (at = drop_in.text.find("SocketBindAllow=", at)) != std::string::npos; ++at)
      text += drop_in.unit + " " + drop_in.text.substr(at + 16, drop_in.text.find('\n', at) - at - 16) + "\n";
  }
  return text;
}

TEST(BindRules, allow_what_rules_expect_of_a_unit_though_it_is_not_open) {
  const Policy rules = policy(
      "[[rule]]\nname = \"web\"\naction = \"expect\"\nprotocol = \"tcp\"\nport = [80, \"8000-8010\"]\nunit = "
      "\"nginx.*\"\n"
      "[[rule]]\nname = \"dns\"\naction = \"expect\"\nport = 53\nunit = \"named.service\"\n"
      "[[rule]]\nname = \"no\"\naction = \"alert\"\nport = 23\nunit = \"nginx.service\"\n"
      "[[rule]]\nname = \"all\"\naction = \"expect\"\nport = 22\n");
  const std::vector<Listener> listeners{open(Protocol::Tcp, "0.0.0.0", 80, "nginx.service")};
  EXPECT_EQ(allowed(suggest_bind_rules(listeners, rules, kSystemd)),
            "named.service tcp:53\nnamed.service udp:53\n"
            "nginx.service ipv4:tcp:80\nnginx.service tcp:8000-8010\n");
}

TEST(BindRules, a_handed_out_port_takes_any_of_its_protocol) {
  const std::vector<Listener> listeners{on_assigned_port(open(Protocol::Udp, "0.0.0.0", 40000, "a.service"))};
  EXPECT_EQ(allowed(suggest_bind_rules(listeners, {}, kSystemd)), "a.service ipv4:udp\n");
}

TEST(BindRules, a_rule_allows_what_no_rule_before_it_means) {
  const Policy rules = policy(
      "[[rule]]\nname = \"no\"\naction = \"alert\"\nprotocol = \"tcp\"\nport = 23\n"
      "[[rule]]\nname = \"of-others\"\naction = \"alert\"\nport = 80\nunit = \"b.service\"\n"
      "[[rule]]\nname = \"quiet\"\naction = \"ignore\"\nprotocol = \"tcp\"\nport = \"1000-1023\"\n"
      "[[rule]]\nname = \"lab\"\naction = \"expect\"\nprotocol = \"tcp\"\nport = \"1-1023\"\nunit = "
      "\"a.service\"\n"
      "[[rule]]\nname = \"any\"\naction = \"expect\"\nprotocol = \"udp\"\nunit = \"a.service\"\n");
  const std::vector<Listener> listeners;
  EXPECT_EQ(allowed(suggest_bind_rules(listeners, rules, kSystemd)),
            "a.service tcp:1-22\na.service tcp:24-999\na.service udp\n");
}

TEST(BindRules, an_ignored_socket_is_not_allowed) {
  Listener listener = open(Protocol::Tcp, "0.0.0.0", 4492, "a.service");
  listener.verdict.kind = VerdictKind::Ignored;
  const std::vector<Listener> listeners{listener};
  EXPECT_EQ(allowed(suggest_bind_rules(listeners, {}, kSystemd)), "");
}

TEST(BindRules, say_what_this_systemd_does_with_them) {
  const std::vector<Listener> listeners{unexpected(open(Protocol::Tcp, "0.0.0.0", 80, "a.service"))};
  const auto text = [&](const SystemdBuild& systemd) {
    return suggest_bind_rules(listeners, {}, systemd).drop_ins.front().text;
  };
  EXPECT_NE(text({252, false}).find("WOULD DO NOTHING"), std::string::npos);
  EXPECT_NE(text({252, false}).find("sockwatch suggest nftables"), std::string::npos);
  EXPECT_NE(text({247, std::nullopt}).find("WOULD DO NOTHING"), std::string::npos);
  EXPECT_EQ(text({252, true}).find("NOTHING"), std::string::npos);
  EXPECT_NE(text({252, true}).find("\nSocketBindDeny=any\n"), std::string::npos);
  for (const SystemdBuild& build : {SystemdBuild{249, true}, SystemdBuild{}})
    EXPECT_EQ(text(build).find("\nSocketBindDeny=any\n"), std::string::npos) << "alone it would deny nothing";
}

TEST(BindRules, say_what_they_cannot_speak_for) {
  Listener kernel = open(Protocol::Udp, "0.0.0.0", 51820, "");
  kernel.annotation.owner = owned_by_nobody(OwnerState::Kernel);
  Listener container = open(Protocol::Tcp, "0.0.0.0", 1, "docker.service");
  container.annotation.owner.container = "docker:0123456789ab";
  const std::vector<Listener> listeners{
      kernel, container, open(Protocol::Tcp, "0.0.0.0", 22, "ssh.socket"),
      open(Protocol::Tcp, "::", 8384, "user@1000.service/syncthing.service"),
      open(Protocol::Tcp, "::", 4, "session-3.scope")};
  const BindSuggestion suggestion = suggest_bind_rules(listeners, {}, kSystemd);
  EXPECT_TRUE(suggestion.drop_ins.empty());
  EXPECT_EQ(suggestion.left_out.size(), 5U);
  EXPECT_EQ(suggestion.left_out.count("0.0.0.0:51820/udp: the kernel holds it"), 1U);
  EXPECT_EQ(suggestion.left_out.count("[::]:4/tcp: belongs to no service"), 1U);
}

}  // namespace
}  // namespace sockwatch
