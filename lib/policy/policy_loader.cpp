// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/policy_loader.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "lib/base/text.h"
#include "lib/config/config_files.h"
#include "lib/config/field.h"
#include "lib/policy/breadth.h"
#include "lib/policy/builtin.h"
#include "lib/policy/rule_keys.h"

namespace sockwatch {
namespace {

std::vector<std::string_view> key_names() {
  std::vector<std::string_view> names;
  for (const RuleKey& key : rule_keys()) names.push_back(key.name);
  return names;
}

const Entry* find_entry(const Table& table, std::string_view key) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &*found;
}

// "policy.d/50-ssh.toml" for "/etc/sockwatch/policy.d/50-ssh.toml": what a verdict shows.
std::string_view short_name(std::string_view path) {
  const std::size_t file = path.rfind('/');
  if (file == std::string_view::npos || file == 0) return path;
  const std::size_t folder = path.rfind('/', file - 1);
  return folder == std::string_view::npos ? path : path.substr(folder + 1);
}

std::string others_with(bool (*has)(Protocol)) {
  std::string list = "one of the protocols ";
  for (const Protocol protocol : all_of<Protocol>()) {
    if (has(protocol)) list += (list.back() == ' ' ? "" : ", ") + std::string(word(protocol));
  }
  return list;
}

// Collects rules file by file, and what is wrong with them.
class Collector {
 public:
  explicit Collector(const ServiceLookup& lookup) : lookup_(lookup) {}

  void add_file(std::string_view file, std::string_view text) {
    const auto document = parse_document(file, text);
    if (!document) return problems_.add(document.error());
    for (const Entry& entry : *document) {
      if (entry.key == "rule") {
        add_rules(file, entry);
      } else {
        constexpr std::array<std::string_view, 1> kKnown{"rule"};
        reject_unknown_key(file, entry, "a policy file", kKnown, problems_);
      }
    }
  }
  void add_problem(const Error& error) { problems_.add(error); }

  std::string warnings() const { return warnings_.empty() ? "" : warnings_.error().message; }

  Result<std::vector<Rule>> finish() && {
    if (!problems_.empty()) return problems_.error();
    return std::move(rules_);
  }

 private:
  void add_rules(std::string_view file, const Entry& entry) {
    const KeyValue field(file, entry, problems_);
    if (entry.node.as<Array>() == nullptr) return field.wrong_type("[[rule]], in two brackets");
    for (const KeyValue& each : field.one_or_more()) {
      if (const Table* table = each.table()) add_rule(file, each.at(), *table);
    }
  }

  void add_rule(std::string_view file, Position at, const Table& table) {
    Rule rule;
    rule.origin = printable(short_name(file)) + ":" + std::to_string(at.line);
    const auto known = key_names();
    for (const Entry& entry : table) {
      if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
        reject_unknown_key(file, entry, "a rule", known, problems_);
      }
    }
    for (const RuleKey& key : rule_keys()) {
      const Entry* entry = find_entry(table, key.name);
      if (entry != nullptr) key.read(KeyValue(file, *entry, problems_), rule, lookup_);
    }
    check_presence(file, at, table);
    check_place(file, table, rule);
    if (rule.required) check_required(file, table, rule);
    check_name(file, table, rule.name);
    if (rule.action != Action::Alert && takes_everything(rule)) warn_of_everything(file, at, rule);
    rules_.push_back(std::move(rule));
  }

  void check_presence(std::string_view file, Position at, const Table& table) {
    if (find_entry(table, "name") == nullptr) {
      problems_.add(file, at, "a rule without a name, expected name = \"…\"");
    }
    if (find_entry(table, "action") == nullptr) {
      problems_.add(file, at, "a rule without an action, expected action = " + list_of_words<Action>());
    }
  }

  void warn_of_everything(std::string_view file, Position at, const Rule& rule) {
    const std::string does = rule.action == Action::Expect ? "expects" : "ignores";
    warnings_.add(file, at,
                  "rule \"" + rule.name + "\" " + does +
                      " whatever opens: no key narrows it (port, address, unit, exe, user, …)");
  }

  // A rule that can never fit is a mistake.
  void check_place(std::string_view file, const Table& table, const Rule& rule) {
    for (const RuleKey& key : rule_keys()) {
      const Entry* entry = find_entry(table, key.name);
      const bool of_some = key.property != nullptr && key.property->only != nullptr;
      if (entry != nullptr && of_some) check_family(file, *entry, rule, key.property->only);
    }
    // A packet socket is never given one by the kernel, and a UNIX socket only a name.
    const bool numbered = !rule.ports.empty() || !rule.means(Protocol::Unix);
    if (numbered && !rule.any_port()) check_meant(file, *find_entry(table, "port"), rule, has_scope);
    if (!rule.any_address())
      check_meant(file, *find_entry(table, "address"), rule,
                  rule.scopes.empty() ? has_ip_address : has_scope);
  }

  void check_family(std::string_view file, const Entry& entry, const Rule& rule, bool (*has)(Protocol)) {
    const auto protocols = all_of<Protocol>();
    const auto* one = std::find_if(protocols.begin(), protocols.end(), has);
    const bool meant = std::any_of(protocols.begin(), protocols.end(),
                                   [&](Protocol protocol) { return has(protocol) && rule.means(protocol); });
    if (meant || one == protocols.end()) return;
    KeyValue(file, entry, problems_)
        .reject("in a rule for other sockets", "protocol = \"" + std::string(word(*one)) + "\"");
  }

  // `has`: which families have what the key is about.
  void check_meant(std::string_view file, const Entry& entry, const Rule& rule, bool (*has)(Protocol)) {
    const auto protocols = all_of<Protocol>();
    const bool fits = std::any_of(protocols.begin(), protocols.end(),
                                  [&](Protocol protocol) { return rule.means(protocol) && has(protocol); });
    if (!fits)
      KeyValue(file, entry, problems_).reject("in a rule for sockets that have none", others_with(has));
  }

  void check_required(std::string_view file, const Table& table, const Rule& rule) {
    const KeyValue required(file, *find_entry(table, "required"), problems_);
    if (rule.action != Action::Expect) {
      required.reject("in a rule that does not expect", "action = \"expect\"");
    }
    // With several, "missing" would not say which.
    const Entry* port = find_entry(table, "port");
    const Array* ports = port == nullptr ? nullptr : port->node.as<Array>();
    if (port == nullptr || rule.assigned_ports || (ports != nullptr && ports->size() != 1)) {
      required.reject("in a rule without just one port", "one number, range or service name");
    }
  }

  void check_name(std::string_view file, const Table& table, const std::string& name) {
    if (name.empty()) return;
    const Entry& entry = *find_entry(table, "name");
    const auto [other, is_new] =
        names_.try_emplace(name, std::string(file) + ":" + std::to_string(entry.node.at.line));
    if (!is_new) {
      KeyValue(file, entry, problems_)
          .reject("is taken by the rule at " + other->second, "a name of its own");
    }
  }

  const ServiceLookup& lookup_;
  Problems problems_;
  Problems warnings_;
  std::vector<Rule> rules_;
  std::map<std::string, std::string> names_;  // of a rule -> where it stands
};

}  // namespace

Result<std::vector<Rule>> parse_policy(std::string_view file_name, std::string_view text,
                                       const ServiceLookup& lookup) {
  Collector collector(lookup);
  collector.add_file(file_name, text);
  return std::move(collector).finish();
}

Result<Policy> load_policy(const std::string& directory, const Settings& settings,
                           const ServiceLookup& lookup) {
  Collector collector(lookup);
  const auto files = read_config_directory(directory);
  if (!files) collector.add_problem(files.error());
  if (files) {
    for (const ConfigFile& file : *files) collector.add_file(file.path, file.text);
  }
  std::string warnings = collector.warnings();
  auto rules = std::move(collector).finish();
  if (!rules) return rules.error();
  return Policy{*std::move(rules), built_in_rules(settings.metrics.addresses), settings.policy.default_action,
                std::move(warnings)};
}

}  // namespace sockwatch
