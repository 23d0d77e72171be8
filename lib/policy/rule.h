// SPDX-License-Identifier: Apache-2.0
// One rule of the policy: whom it means, and what it makes of them. And the policy as a whole.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/settings.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"
#include "lib/model/verdict.h"
#include "lib/policy/network.h"

namespace sockwatch {

// The key of the property that most rules about namespaces need.
inline constexpr std::string_view kNamespaceKey = "namespace";

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  // Set where a service name stood for the port: the name means this protocol only. Of packet sockets, and
  // only in built-in rules, the numbers are ethertypes.
  std::optional<Protocol> protocol;

  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

// One that this daemon serves, by what the kernel never and seldom gives out again; a kernel without
// sock_diag tells inodes alone.
struct OwnSocket {
  std::uint64_t cookie = 0;
  std::uint32_t inode = 0;  // 0: not known
};

// Every matcher takes a listener if one of its values does; a matcher without values takes all.
struct Rule {
  std::string name;
  Action action = Action::Alert;

  std::vector<Protocol> protocols;
  // Numbers mean ports that programs chose. One that the kernel handed out is another each time, so it is
  // only ever meant by "assigned".
  std::vector<PortRange> ports;
  bool assigned_ports = false;
  std::vector<Scope> scopes;
  std::vector<Network> networks;  // with `scopes` one matcher
  // Globs, see glob.h.
  std::vector<std::string> units;
  std::vector<std::string> exes;
  std::vector<std::string> users;
  std::vector<std::string> containers;
  // By the name of a property that rules match (lib/model/properties.h): globs, words, or "true" and "false".
  std::map<std::string_view, std::vector<std::string>> properties;

  // Of a built-in rule: the only sockets that it means; nothing: any.
  std::optional<std::vector<OwnSocket>> sockets;

  bool required = false;  // at least one listener must fit
  Severity severity = Severity::Warning;
  std::string reason;
  std::string origin;  // "policy.d/50-ssh.toml:2" or "built-in"

  // UNIX, packet and raw sockets are only meant by rules that name them: one that says "everything else"
  // would mean hundreds.
  bool means(Protocol protocol) const;
  // One port by its number, and what is expected there: whoever else is there is not expected.
  bool reserves(Protocol protocol, std::uint32_t port) const;
  bool any_port() const { return ports.empty() && !assigned_ports; }
  bool any_address() const { return scopes.empty() && networks.empty(); }
  // None: it takes every value.
  const std::vector<std::string>& values_of(std::string_view property) const;
  // By a property that is not the endpoint's own: a namespace, say.
  bool asks_for_more_than_the_endpoint() const;
};

struct Policy {
  std::vector<Rule> rules;     // the administrator's, in order; names unique
  std::vector<Rule> built_in;  // asked when none of those fits
  Action default_action = Action::Alert;
  // What is valid and hardly meant, one a line as "file:line:column: …"; empty where there is nothing.
  std::string warnings = {};
};

// What the port of a service name is. Several where protocols differ; none where nobody knows the name.
struct NamedPort {
  Protocol protocol = Protocol::Tcp;
  std::uint16_t port = 0;
};
using ServiceLookup = std::function<std::vector<NamedPort>(std::string_view name)>;

// Sixteen hexadecimal digits over what the administrator's rules and the default do: equal on every machine
// with the same rules, however they are spread over files, formatted, commented and reasoned. The built-in
// rules do not count, they follow from the version and the metrics address.
std::string policy_hash(const Policy& policy);

}  // namespace sockwatch
