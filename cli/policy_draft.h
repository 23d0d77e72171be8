// SPDX-License-Identifier: Apache-2.0
// From listeners that were seen to the rules that would expect them: what `learn` writes, and what a person
// should know before they trust it. The same sockets give the same text, without times and pids, so that a
// difference in git is a difference of the machine. Pure.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cli/table.h"
#include "lib/model/listener.h"
#include "lib/policy/rule.h"

namespace sockwatch {

// One rule to be, and what it would bless.
struct Blessing {
  std::string name;
  Listener listener;             // the first that was seen
  std::set<std::string> places;  // "0.0.0.0:22"; of handed-out ports the address alone
  std::string programs;          // "sshd (/usr/sbin/sshd), user root"; empty where nobody knows
};

// Why a blessing deserves a look before anybody trusts it; empty where it does not. Holds foreign text.
std::string doubt_about(const Blessing& blessing);

class PolicyDraft {
 public:
  // `policy` decides what needs no rule; its rules' names are taken.
  explicit PolicyDraft(Policy policy);

  void see(const Listener& listener);

  // A blessing a rule, names given, the most exposed first.
  std::vector<Blessing> blessings() const;
  // Listeners that a rule alerts about, as "0.0.0.0:23/tcp: rule "no-telnet"": never to be expected here.
  const std::set<std::string>& refused() const { return refused_; }
  // How many places the policy decides already.
  std::size_t named() const { return named_.size(); }
  // Those of `rules`, which are the policy's, that expect something of which nothing was seen.
  std::vector<Rule> unmet(std::span<const Rule> rules) const;

 private:
  Policy policy_;
  std::map<std::string, Blessing> by_lines_;  // a rule's text is what it means
  std::set<std::string> refused_;
  std::set<std::string> named_;
  std::set<std::string> met_;  // names of rules
};

// What stands above the first rule of a new file.
std::string draft_heading();
// The rules as text for policy.d, each below a comment that says what was seen.
std::string draft_text(std::span<const Blessing> blessings);
// The same for a person: a row a rule, a mark where there is a doubt.
TextTable blessing_table(std::span<const Blessing> blessings);

}  // namespace sockwatch
