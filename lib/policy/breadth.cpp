// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/breadth.h"

#include <fnmatch.h>

#include <algorithm>

namespace sockwatch {
namespace {

// One value that takes all is enough, beside whatever others.
bool takes_any_name(const std::vector<std::string>& globs) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [](const std::string& glob) {
           return glob.find_first_not_of("*?/") == std::string::npos;
         });
}

// Most of what opens is in the host's.
bool takes_the_host(const std::vector<std::string>& globs) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [](const std::string& glob) {
           return ::fnmatch(glob.c_str(), "host", 0) == 0;
         });
}

bool takes_any_property(const Rule& rule) {
  return std::all_of(rule.properties.begin(), rule.properties.end(), [](const auto& matcher) {
    const auto& [name, values] = matcher;
    return name == kNamespaceKey ? takes_the_host(values) : takes_any_name(values);
  });
}

bool takes_every_port(const Rule& rule) {
  if (rule.any_port()) return true;
  std::vector<PortRange> ranges = rule.ports;
  std::erase_if(ranges, [](const PortRange& range) { return range.protocol.has_value(); });
  std::sort(ranges.begin(), ranges.end());
  std::uint32_t next = 1;
  for (const PortRange& range : ranges) {
    if (range.first <= next) next = std::max<std::uint32_t>(next, range.last + 1U);
  }
  return next > 65535;
}

// The most exposed of all.
bool takes_every_address(const Rule& rule) {
  if (rule.any_address()) return true;
  if (std::find(rule.scopes.begin(), rule.scopes.end(), Scope::Any) != rule.scopes.end()) return true;
  return std::any_of(rule.networks.begin(), rule.networks.end(),
                     [](const Network& network) { return to_string(network).ends_with("/0"); });
}

}  // namespace

bool takes_everything(const Rule& rule) {
  return (rule.means(Protocol::Tcp) || rule.means(Protocol::Udp)) && takes_every_port(rule) &&
         takes_every_address(rule) && takes_any_name(rule.units) && takes_any_name(rule.exes) &&
         takes_any_name(rule.users) && takes_any_name(rule.containers) && takes_any_property(rule);
}

}  // namespace sockwatch
