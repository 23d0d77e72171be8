// SPDX-License-Identifier: Apache-2.0
#include "cli/alert_list.h"

#include "lib/base/text.h"
#include "lib/model/display.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

std::string socket_of(const Alert& alert) {
  return alert.listener ? endpoint_text(*alert.listener) : "-";
}

std::string rule_of(const Alert& alert) {
  if (!alert.listener) return alert.rule.empty() ? "-" : alert.rule;
  const Verdict& verdict = alert.listener->verdict;
  return verdict.origin.empty() ? verdict.rule : verdict.rule + " (" + verdict.origin + ")";
}

}  // namespace

TextTable alert_table(std::span<const Alert> alerts) {
  TextTable table(
      {{"TIME"}, {"EVENT"}, {"SOCKET"}, {"OWNER", Align::Left, true, true}, {"RULE", Align::Left, true}});
  for (const Alert& alert : alerts) {
    table.add({{alert.time.wall == WallTime{} ? "-" : to_rfc3339(alert.time.wall)},
               {std::string(word(alert.event)), alert.tone == AlertTone::Wrong ? Paint::Bad : Paint::Good},
               {socket_of(alert)},
               {alert.listener ? owner_of(alert.listener->annotation.owner).name : ""},
               {rule_of(alert)}});
  }
  return table;
}

}  // namespace sockwatch
