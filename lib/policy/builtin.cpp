// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/builtin.h"

namespace sockwatch {
namespace {

Rule named(std::string_view name, Action action, Protocol protocol, std::string_view reason) {
  Rule rule;
  rule.name = name;
  rule.action = action;
  rule.protocols = {protocol};
  rule.reason = reason;
  rule.origin = "built-in";
  return rule;
}

}  // namespace

std::vector<Rule> built_in_rules(const ListenAddress& metrics) {
  Rule own = named(kMetricsRule, Action::Expect, Protocol::Tcp, "sockwatch's own metrics and API");
  own.namespaces = {std::string(kHostNamespace)};
  own.ports = {{metrics.port, metrics.port, std::nullopt}};
  own.networks = {network_of(metrics.address)};
  // :: means every address; where the machine has no IPv6 that is 0.0.0.0.
  const bool everywhere = metrics.address.family == IpFamily::V6 && metrics.address.is_unspecified();
  if (everywhere) own.networks.push_back(network_of(IpAddress{}));

  Rule clients = named(kClientSocketsRule, Action::Ignore, Protocol::Udp,
                       "the kernel chose the port: a client's socket that waits for answers, not a service");
  clients.assigned_ports = true;

  Rule helpers = named(kHelperPortsRule, Action::Expect, Protocol::Tcp,
                       "the kernel chose the port, and only this machine reaches it: a program's helper");
  helpers.assigned_ports = true;
  helpers.scopes = {Scope::Loopback};

  return {own, clients, helpers};
}

}  // namespace sockwatch
