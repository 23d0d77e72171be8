// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/judge.h"

#include <optional>

#include "lib/model/lasting_name.h"
#include "lib/policy/fit.h"

namespace sockwatch {
namespace {

VerdictKind kind_of(Action action) {
  switch (action) {
    case Action::Expect:
      return VerdictKind::Expected;
    case Action::Alert:
      return VerdictKind::Unexpected;
    case Action::Ignore:
      return VerdictKind::Ignored;
  }
  return VerdictKind::Unexpected;
}

std::optional<Verdict> judge_by(const std::vector<Rule>& rules, const Listener& listener,
                                OwnerEvidence evidence) {
  for (const Rule& rule : rules) {
    const Fit result = fit(rule, listener);
    if (result == Fit::No) continue;
    if (result == Fit::Undecided && evidence == OwnerEvidence::Final) continue;
    const VerdictKind kind = result == Fit::Yes ? kind_of(rule.action) : VerdictKind::Pending;
    return Verdict{kind, rule.name, rule.origin, rule.reason, rule.severity, !rule.any_address()};
  }
  return std::nullopt;
}

std::optional<Verdict> judge_by(const LearnedSet& learned, const Listener& listener, OwnerEvidence evidence) {
  const Identity identity = identity_of(listener);
  Verdict verdict{VerdictKind::Expected, "learned", "learned", "", Severity::Warning, true};
  if (learned.covers(identity)) return verdict;
  const Owner& owner = listener.annotation.owner;
  const bool more_to_know =
      identity.owner.empty() || (is_numbered(owner.container) && identity.program.empty());
  const bool owner_open = more_to_know && !is_found(owner);
  if (evidence == OwnerEvidence::Final || !owner_open || !learned.may_cover(identity)) return std::nullopt;
  verdict.kind = VerdictKind::Pending;
  return verdict;
}

// Nothing but the kind of socket.
bool hangs_on_kind_alone(const Rule& rule) {
  return rule.any_address() && rule.units.empty() && rule.exes.empty() && rule.users.empty() &&
         rule.containers.empty() && !rule.asks_for_more_than_the_endpoint() && !rule.sockets;
}

// Whoever puts a newline into a name writes a line of his own into /proc/net/unix, which tells neither queues
// nor uids: such a socket is there only if somebody holds it.
bool is_only_a_line(const Listener& listener) {
  return listener.key.protocol == Protocol::Unix && !listener.members.front().queue_told;
}

Verdict judge_as_told(const Listener& listener, const Policy& policy, const LearnedSet& learned,
                      OwnerEvidence evidence) {
  if (const auto verdict = judge_by(policy.rules, listener, evidence)) return *verdict;
  if (const auto verdict = judge_by(policy.built_in, listener, evidence)) return *verdict;
  if (const auto verdict = judge_by(learned, listener, evidence)) return *verdict;
  return {kind_of(policy.default_action), "default", "", "", Severity::Warning, false};
}

}  // namespace

bool is_ignored_by_kind(const Policy& policy, const SocketRecord& record) {
  // What reads packets may become promiscuous by another socket, and a ping socket may outlive its answer.
  const bool raw = record.protocol == Protocol::Raw && record.type != SocketType::Dgram;
  if (record.protocol != Protocol::Unix && !raw) return false;
  const Rule* decides = nullptr;
  for (const auto* rules : {&policy.rules, &policy.built_in}) {
    for (const Rule& rule : *rules) {
      if (!fits_kind(rule, record)) continue;
      if (rule.required) return false;
      if (decides != nullptr) continue;
      if (rule.action != Action::Ignore || !hangs_on_kind_alone(rule)) return false;
      decides = &rule;
    }
  }
  return decides != nullptr;
}

Verdict judge(const Listener& listener, const Policy& policy, const LearnedSet& learned,
              OwnerEvidence evidence) {
  Verdict verdict = judge_as_told(listener, policy, learned, evidence);
  const Owner& owner = listener.annotation.owner;
  if (verdict.kind == VerdictKind::Ignored || !is_only_a_line(listener) || is_found(owner)) return verdict;
  if (evidence != OwnerEvidence::Final) {
    verdict.kind = VerdictKind::Pending;
  } else if (owner.state == OwnerState::Unexplained) {
    verdict = {VerdictKind::Ignored, "default", "", "", Severity::Warning, false};
  }
  return verdict;
}

}  // namespace sockwatch
