// SPDX-License-Identifier: Apache-2.0
// The drop-ins of suggestion.h. systemd.resource-control(5) has their grammar: an address family, a protocol
// and ports, each of which may be left out. Port 0 cannot be named, so a service that lets the kernel choose
// may bind to any port of that protocol, or it could not start.
#include <fnmatch.h>

#include <algorithm>
#include <compare>
#include <map>

#include "cli/suggestion.h"
#include "lib/base/text.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

struct Place {
  Protocol protocol = Protocol::Tcp;
  std::uint16_t first = 0;  // 0: any port
  std::uint16_t last = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};
struct Service {
  std::map<Place, Grant> grants;
  std::set<std::string> refused;
};
using Services = std::map<std::string, Service>;

// systemd filters bind(2) of these.
bool is_filtered(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp;
}

// Why no drop-in can speak for it; empty where one can.
std::string obstacle(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  if (!is_filtered(listener.key.protocol)) return "systemd filters TCP and UDP only";
  if (!owner.container.empty()) return "belongs to a container";
  if (owner.state == OwnerState::Kernel && owner.unit.empty()) return "the kernel holds it";
  if (owner.unit.ends_with(".socket"))
    return "systemd itself binds for a socket unit, to what its ListenStream= says";
  if (owner.unit.find('/') != std::string::npos) return "a unit of a user's own manager";
  if (owner_of(owner).kind != OwnerKind::Unit) return "belongs to no service";
  return "";
}

void add_open(const Listener& listener, Service& service) {
  if (listener.verdict.kind != VerdictKind::Expected && listener.verdict.kind != VerdictKind::Ignored) {
    service.refused.insert(socket_text(listener) + ": " + std::string(word(listener.verdict.kind)) + ", " +
                           decided_by(listener.verdict.rule, listener.verdict.origin));
    return;
  }
  const auto port =
      static_cast<std::uint16_t>(listener.bind() == Bind::Assigned ? 0 : listener.key.local.port);
  Grant& grant = service.grants[{listener.key.protocol, port, port}];
  const bool ipv4 = listener.key.local.address.family == IpFamily::V4;
  // On :: with IPv4 the kernel asks for the IPv6 family alone.
  (ipv4 ? grant.ipv4 : grant.ipv6) = true;
  grant.reasons.insert(socket_text(listener) +
                       " is open: " + decided_by(listener.verdict.rule, listener.verdict.origin));
}

bool means(const Rule& rule, const std::string& unit) {
  return std::any_of(rule.units.begin(), rule.units.end(), [&unit](const std::string& glob) {
    return ::fnmatch(glob.c_str(), unit.c_str(), 0) == 0;
  });
}

std::vector<Place> places_of(const Rule& rule) {
  std::vector<Protocol> protocols = rule.protocols;
  if (protocols.empty()) protocols = {Protocol::Tcp, Protocol::Udp};
  std::vector<Place> places;
  for (const Protocol protocol : protocols) {
    if (!is_filtered(protocol)) continue;
    if (rule.assigned_ports || rule.any_port()) places.push_back({protocol, 0, 0});
    for (const PortRange& range : rule.ports) {
      if (!range.protocol || *range.protocol == protocol)
        places.push_back({protocol, range.first, range.last});
    }
  }
  return places;
}

void add_rule(const Rule& rule, Service& service) {
  for (const Place& place : places_of(rule)) {
    const auto [entry, is_new] = service.grants.try_emplace(place);
    // What is open already says so, with the same rule.
    if (!is_new) continue;
    entry->second = {true, true, {"by the policy: " + decided_by(rule.name, rule.origin)}};
  }
}

bool is_literal_service(const std::string& glob) {
  return glob.ends_with(".service") && glob.find_first_of("*?[\\/") == std::string::npos;
}

std::string allow_text(const Place& place, const Grant& grant) {
  std::string text;
  for (const std::string& reason : grant.reasons) text += "# " + reason + "\n";
  if (place.first == 0)
    text += "# Any port of it, because port 0, for which the kernel chooses one, has no name here.\n";
  text += "SocketBindAllow=";
  if (grant.ipv4 != grant.ipv6) text += grant.ipv4 ? "ipv4:" : "ipv6:";
  text += word(place.protocol);
  if (place.first != 0) text += ":" + std::to_string(place.first);
  if (place.first != place.last) text += "-" + std::to_string(place.last);
  return text + "\n";
}

std::string drop_in_text(const std::string& unit, const Service& service) {
  std::string text = "# /etc/systemd/system/" + printable(unit) +
                     ".d/50-sockwatch.conf\n"
                     "# What this service may bind to: what the policy expects of it. systemd 249 or later.\n"
                     "[Service]\n"
                     "# Nothing but what follows.\n"
                     "SocketBindDeny=any\n";
  for (const auto& [place, grant] : service.grants) text += allow_text(place, grant);
  for (const std::string& refused : service.refused) text += "# NOT allowed: " + refused + "\n";
  return text;
}

}  // namespace

BindSuggestion suggest_bind_rules(std::span<const Listener> listeners, const Policy& policy) {
  BindSuggestion suggestion;
  Services services;
  for (const Listener& listener : listeners) {
    const std::string why_not = obstacle(listener);
    if (why_not.empty()) {
      add_open(listener, services[listener.annotation.owner.unit]);
    } else {
      suggestion.left_out.insert(socket_text(listener) + ": " + why_not);
    }
  }
  for (const Rule& rule : policy.rules) {
    if (rule.action != Action::Expect) continue;
    for (const std::string& glob : rule.units) {
      if (is_literal_service(glob)) services.try_emplace(glob);
    }
    for (auto& [unit, service] : services) {
      if (means(rule, unit)) add_rule(rule, service);
    }
  }
  for (const auto& [unit, service] : services)
    suggestion.drop_ins.push_back({unit, drop_in_text(unit, service)});
  return suggestion;
}

}  // namespace sockwatch
