// SPDX-License-Identifier: Apache-2.0
#include "cli/findings.h"

#include "cli/socket_tables.h"
#include "lib/base/text.h"
#include "lib/policy/required.h"

namespace sockwatch {
namespace {

std::string missing_json(const RequiredRule& rule) {
  const std::vector<Field> fields{
      {"rule", rule.rule}, {"rule_origin", rule.origin}, {"severity", std::string(word(rule.severity))}};
  return json_object(fields);
}

std::string count_of(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace

Findings find_unexpected(const Look& look, const Policy& policy) {
  Findings findings;
  std::vector<Listener> all;
  for (const OpenListener& open : look.listeners) {
    all.push_back(open.listener);
    if (open.listener.verdict.kind == VerdictKind::Unexpected) findings.unexpected.push_back(open);
  }
  findings.missing = unsatisfied(policy, all);
  findings.listeners = all.size();
  return findings;
}

std::string findings_text(const Findings& findings, const TableStyle& style) {
  if (findings.empty())
    return "Nothing unexpected: " + count_of(findings.listeners, "listener") + " looked at.\n";
  std::string text;
  if (!findings.unexpected.empty()) text += listener_table(findings.unexpected).render(style);
  for (const RequiredRule& rule : findings.missing) {
    text +=
        "missing: nothing satisfies rule \"" + printable(rule.rule) + "\", " + printable(rule.origin) + "\n";
  }
  text += "Unexpected: " + std::to_string(findings.unexpected.size()) + " of " +
          count_of(findings.listeners, "listener") + ".";
  if (!findings.missing.empty())
    text += " Required and missing: " + std::to_string(findings.missing.size()) + ".";
  return text + "\n";
}

std::vector<JsonMember> findings_json(const Findings& findings) {
  std::vector<std::string> sockets;
  for (const OpenListener& open : findings.unexpected)
    sockets.push_back(listener_json(open.listener, open.connections));
  std::vector<std::string> missing;
  for (const RequiredRule& rule : findings.missing) missing.push_back(missing_json(rule));
  return {{"sockets", json_list(sockets)}, {"missing", json_list(missing)}};
}

}  // namespace sockwatch
