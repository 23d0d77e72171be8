// SPDX-License-Identifier: Apache-2.0
#include "cli/firewalls.h"

#include <algorithm>
#include <utility>

#include "cli/reach_report.h"
#include "lib/firewall/network_reader.h"
#include "lib/firewall/ruleset_reader.h"

namespace sockwatch {
namespace {

firewall::Reach unknown_reach(std::string why) {
  return {.word = firewall::ReachWord::Unknown, .unknown = {std::move(why)}};
}

// Within its namespace all is asked; who can send packets into that namespace is not.
firewall::Reach within_namespace(firewall::Reach reach, const std::string& name) {
  if (reach.word == firewall::ReachWord::Local || reach.word == firewall::ReachWord::Filtered) return reach;
  reach.word = firewall::ReachWord::Unknown;
  reach.unknown.push_back("who can send packets into network namespace " + name);
  return reach;
}

}  // namespace

Firewall Firewalls::read(NamespaceId name_space) {
  Firewall firewall;
  const bool entered = machine_.run_in(name_space, [&] {
    auto network = firewall::read_network(proc_);
    if (!network.ok()) {
      firewall.rules.unread.push_back(network.error().message);
      return;
    }
    firewall.network = *std::move(network);
    auto rules = firewall::read_ruleset(proc_);
    if (rules.ok()) {
      firewall.rules = *std::move(rules);
    } else {
      firewall.rules.unread.push_back(rules.error().message);
    }
  });
  if (!entered) firewall.rules.unread.emplace_back("its network namespace cannot be entered");
  return firewall;
}

const Firewall& Firewalls::of(NamespaceId name_space) {
  auto found = known_.find(name_space);
  if (found == known_.end()) found = known_.emplace(name_space, read(name_space)).first;
  return found->second;
}

void Firewalls::find_reach(Look& look) {
  std::map<NamespaceId, firewall::ReachQuestion> questions;
  for (OpenListener& open : look.listeners) {
    const auto target = reach_target(open.listener);
    if (!target) continue;
    const NamespaceId name_space = open.listener.key.name_space;
    const Firewall& firewall = of(name_space);
    auto question = questions.find(name_space);
    if (question == questions.end())
      question =
          questions.emplace(name_space, firewall::ReachQuestion(firewall.rules, firewall.network)).first;
    const std::string& name = open.listener.annotation.name_space;
    if (firewall.network.interfaces.empty()) {
      open.reach =
          unknown_reach(firewall.rules.unread.empty() ? "no interfaces" : firewall.rules.unread.front());
    } else if (open.listener.transparent() == true) {
      open.reach = unknown_reach("IP_TRANSPARENT: it takes what routes hand to it");
    } else {
      open.reach = question->second.ask(*target);
      if (name != kHostNamespace) open.reach = within_namespace(*std::move(open.reach), name);
    }
  }
  const Firewall& own = of(machine_.own_namespace());
  if (!own.rules.unread.empty()) return;
  look.published = firewall::published_ports(own.rules, own.network);
  // A row of the list for each that no listener's row tells of.
  std::erase_if(look.published, [&look](const firewall::PublishedPort& port) {
    return std::any_of(look.listeners.begin(), look.listeners.end(), [&port](const OpenListener& open) {
      return open.listener.annotation.name_space == kHostNamespace && is_same_endpoint(port, open.listener);
    });
  });
}

}  // namespace sockwatch
