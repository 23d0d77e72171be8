// SPDX-License-Identifier: Apache-2.0
// The drop-ins of suggestion.h. systemd.resource-control(5) has their grammar: an address family, a protocol
// and ports, each of which may be left out. Port 0 cannot be named, so a service that lets the kernel choose
// may bind to any port of that protocol, or it could not start.
#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <utility>

#include "cli/suggestion.h"
#include "lib/base/text.h"
#include "lib/policy/glob.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

constexpr unsigned kFirstToDeny = 249;
// Before it an empty list of allowed ports was one entry of zeros, which means every port.
constexpr unsigned kFirstToDenyAll = 250;

struct Place {
  Protocol protocol = Protocol::Tcp;
  std::uint16_t first = 0;  // 0: any port
  std::uint16_t last = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};
// A part of the ports that a rule before takes for itself: what is alerted about, or ignored.
struct Taken {
  Place place;
  std::string by;
};
struct BoundService {
  std::map<Place, Grant> grants;
  std::set<std::string> refused;
};
using Services = std::map<std::string, BoundService>;

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

void add_open(const Listener& listener, BoundService& service) {
  if (listener.verdict.kind != VerdictKind::Expected) {
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

bool fits_any(const std::vector<std::string>& globs, const std::string& text) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_fits(glob, text); });
}

bool means(const Rule& rule, const std::string& unit) {
  return rule.units.empty() || fits_any(rule.units, unit);
}

std::string place_words(const Place& place) {
  std::string text(word(place.protocol));
  if (place.first != 0) text += ":" + std::to_string(place.first);
  if (place.first != place.last) text += "-" + std::to_string(place.last);
  return text;
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

// What a rule says of other properties, only an open listener shows.
bool asks_for_host_alone(const Rule& rule) {
  return std::all_of(rule.properties.begin(), rule.properties.end(), [](const auto& matcher) {
    return matcher.first == kNamespaceKey && fits_any(matcher.second, std::string(kHostNamespace));
  });
}

// Whether it takes from this service what it means: one that asks for more than the unit may mean others.
bool takes(const Rule& rule, const std::string& unit) {
  return rule.action != Action::Expect && means(rule, unit) && rule.exes.empty() && rule.users.empty() &&
         rule.containers.empty() && asks_for_host_alone(rule);
}

std::vector<Taken> taken_by(const Rule& rule) {
  std::vector<Taken> taken;
  for (const Place& place : places_of(rule)) {
    const bool handed_out =
        place.first == 0 && !rule.any_port();  // what the kernel chooses has no number to take
    if (!handed_out)
      taken.push_back({place.first == 0 ? Place{place.protocol, 1, 65535} : place,
                       decided_by(rule.name, rule.origin) + ", " + std::string(word(rule.action))});
  }
  return taken;
}

// What the first rules that mean a port left of the place. All of it comes back where nothing was taken.
std::vector<Place> without(const Place& place, const std::vector<Taken>& taken, std::set<std::string>& by) {
  std::vector<Place> left{place};
  for (const Taken& each : taken) {
    if (each.place.protocol != place.protocol) continue;
    std::vector<Place> rest;
    for (const Place& part : left) {
      const std::uint32_t first = std::max<std::uint32_t>(part.first, 1);
      const std::uint32_t last = part.first == 0 ? 65535 : part.last;
      if (each.place.last < first || each.place.first > last) {
        rest.push_back(part);
        continue;
      }
      by.insert(each.by);
      if (each.place.first > first)
        rest.push_back({place.protocol, static_cast<std::uint16_t>(first),
                        static_cast<std::uint16_t>(each.place.first - 1)});
      if (each.place.last < last)
        rest.push_back({place.protocol, static_cast<std::uint16_t>(each.place.last + 1),
                        static_cast<std::uint16_t>(last)});
    }
    left = std::move(rest);
  }
  return left;
}

void add_rule(const Rule& rule, const std::vector<Taken>& taken, BoundService& service) {
  for (const Place& place : places_of(rule)) {
    std::set<std::string> by;
    for (const Place& left : without(place, taken, by)) {
      const auto [entry, is_new] = service.grants.try_emplace(left);
      // What is open already says so, with the same rule.
      if (is_new) entry->second = {true, true, {"by the policy: " + decided_by(rule.name, rule.origin)}};
    }
    for (const std::string& each : by)
      service.refused.insert(place_words(place) + " as far as a rule before means it: " + each);
  }
}

// The administrator's rules in their order: the first that means a port decides about it.
void add_rules(const std::string& unit, const Policy& policy, BoundService& service) {
  std::vector<Taken> taken;
  for (const Rule& rule : policy.rules) {
    if (takes(rule, unit)) {
      for (const Taken& each : taken_by(rule)) taken.push_back(each);
    } else if (rule.action == Action::Expect && !rule.units.empty() && means(rule, unit)) {
      add_rule(rule, taken, service);
    }
  }
}

// The service that a glob names in full.
std::optional<std::string> service_named(const std::string& glob) {
  auto name = literal_of(glob);
  if (name && (!name->ends_with(".service") || name->find('/') != std::string::npos)) name.reset();
  return name;
}

std::string allow_text(const Place& place, const Grant& grant) {
  std::string text;
  for (const std::string& reason : grant.reasons) text += "# " + reason + "\n";
  if (place.first == 0)
    text += "# Any port of it, because port 0, for which the kernel chooses one, has no name here.\n";
  text += "SocketBindAllow=";
  if (grant.ipv4 != grant.ipv6) text += grant.ipv4 ? "ipv4:" : "ipv6:";
  return text + place_words(place) + "\n";
}

// What this machine's systemd makes of the lines.
std::string remark_about(const SystemdBuild& systemd) {
  if (systemd.bpf_framework == std::optional(false))
    return "# THIS MACHINE'S SYSTEMD WOULD DO NOTHING WITH IT: it was built without BPF_FRAMEWORK (systemctl "
           "--version).\n"
           "# What closes ports here: sockwatch suggest nftables. What keeps a service from binding: a "
           "socket unit, which\n"
           "# binds for it, and RestrictAddressFamilies=AF_UNIX in the service.\n";
  if (systemd.version != 0 && systemd.version < kFirstToDeny)
    return "# THIS MACHINE'S SYSTEMD WOULD DO NOTHING WITH IT: it is " + std::to_string(systemd.version) +
           ".\n";
  if (!systemd.bpf_framework)
    return "# Where `systemctl --version` says -BPF_FRAMEWORK, systemd does nothing with it.\n";
  return "";
}

std::string drop_in_text(const std::string& unit, const BoundService& service, const SystemdBuild& systemd) {
  std::string text =
      "# /etc/systemd/system/" + one_line(unit) +
      ".d/50-sockwatch.conf\n"
      "# What this service may bind to: what the policy expects of it. systemd 249 or later.\n" +
      remark_about(systemd) + "[Service]\n";
  if (service.grants.empty() && systemd.version < kFirstToDenyAll) {
    text +=
        "# Nothing is expected of it. SocketBindDeny=any alone, which would say so, denies nothing before "
        "systemd " +
        std::to_string(kFirstToDenyAll) + ".\n";
  } else {
    text += "# Nothing but what follows.\nSocketBindDeny=any\n";
  }
  for (const auto& [place, grant] : service.grants) text += allow_text(place, grant);
  for (const std::string& refused : service.refused) text += "# NOT allowed: " + refused + "\n";
  return text;
}

}  // namespace

BindSuggestion suggest_bind_rules(std::span<const Listener> listeners, const Policy& policy,
                                  const SystemdBuild& systemd) {
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
      if (const auto name = service_named(glob)) services.try_emplace(*name);
    }
  }
  for (auto& [unit, service] : services) add_rules(unit, policy, service);
  for (const auto& [unit, service] : services)
    suggestion.drop_ins.push_back({unit, drop_in_text(unit, service, systemd)});
  return suggestion;
}

}  // namespace sockwatch
