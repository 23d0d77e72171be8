// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/verdicts.h"

#include <algorithm>
#include <utility>

namespace sockwatch {

namespace {

// No client waits longer for an answer without saying from whom.
constexpr Duration kClientLife = std::chrono::minutes(1);

bool is_datagram(const Listener& listener) {
  return listener.key.protocol == Protocol::Udp || listener.key.protocol == Protocol::Udplite;
}

// What a client has, as long as it does not last: a UDP port that the kernel chose, or a ping socket.
bool is_of_clients(const Listener& listener) {
  const bool ping = listener.key.protocol == Protocol::Raw && listener.key.type == SocketType::Dgram;
  return ping || (is_datagram(listener) && listener.bind() == Bind::Assigned);
}

}  // namespace

void Verdicts::set(Policy policy, const PipelineSettings& settings) {
  policy_ = std::move(policy);
  settings_ = settings;
  of_lasting_ = policy_;
  std::erase_if(of_lasting_.built_in,
                [](const Rule& rule) { return rule.name == kClientSocketsRule || rule.name == kRawRule; });
}

void Verdicts::expect_only(std::span<const OwnSocket> own) {
  for (Policy* policy : {&policy_, &of_lasting_}) sockwatch::expect_only(own, policy->built_in);
}

Verdicts::Age Verdicts::age_of(const Listener& listener, Instant now) const {
  const bool lasts = is_of_clients(listener) && now.monotonic - listener.opened.monotonic >= kClientLife;
  return lasts ? Age::Lasting : Age::Young;
}

Verdict Verdicts::by_policy(const Listener& listener, OwnerEvidence evidence, Age age) const {
  const Policy& policy = age == Age::Lasting ? of_lasting_ : policy_;
  Verdict verdict = judge(listener, policy, learned_, evidence);
  if (verdict.origin == "built-in" && is_reserved(listener)) {
    Listener chosen = listener;
    chosen.members.front().bind = Bind::Explicit;
    return judge(chosen, policy, learned_, evidence);
  }
  const bool by_age = age == Age::Lasting && verdict.rule == "default";
  if (by_age && verdict.kind == VerdictKind::Unexpected) verdict.severity = Severity::Info;
  return verdict;
}

// A port by whose number a rule expects somebody: whom the kernel gave it is there in his place.
bool Verdicts::is_reserved(const Listener& listener) const {
  if (listener.bind() != Bind::Assigned || !has_port(listener.key.protocol)) return false;
  return std::any_of(policy_.rules.begin(), policy_.rules.end(), [&](const Rule& rule) {
    return rule.reserves(listener.key.protocol, listener.key.local.port);
  });
}

bool Verdicts::is_ignored(const Listener& listener, Instant now) const {
  return by_policy(listener, OwnerEvidence::MayStillCome, age_of(listener, now)).kind == VerdictKind::Ignored;
}

bool Verdicts::is_nobodys(const Listener& listener) const {
  const Age age = is_of_clients(listener) && has_port(listener.key.protocol) ? Age::Lasting : Age::Young;
  return by_policy(listener, OwnerEvidence::Final, age).rule == "default";
}

bool Verdicts::has_outlived_clients(const Listener& listener, Instant now) const {
  const bool taken_for_one = listener.verdict.rule == kClientSocketsRule || listener.verdict.rule == kRawRule;
  return taken_for_one && age_of(listener, now) == Age::Lasting;
}

Verdict Verdicts::now(const Listener& listener, const Verdict* before, Instant now) const {
  const bool decided = before != nullptr && before->kind == VerdictKind::Unexpected;
  const OwnerEvidence evidence =
      !decided && owner_may_still_come(listener, now) ? OwnerEvidence::MayStillCome : OwnerEvidence::Final;
  Verdict verdict = by_policy(listener, evidence, age_of(listener, now));
  // Nobody is accused while the search for the owner still runs.
  const bool sought = evidence == OwnerEvidence::MayStillCome &&
                      (listener.annotation.owner.state == OwnerState::Budget || may_be_closed(listener));
  const bool by_default = verdict.rule == "default" && verdict.kind == VerdictKind::Unexpected;
  if (by_default && !decided && (sought || may_get_peer(listener, now) || may_soon_be_gone(listener, now)))
    verdict.kind = VerdictKind::Pending;
  return verdict;
}

Verdict Verdicts::for_good(const Listener& listener) const {
  Verdict verdict = by_policy(listener, OwnerEvidence::Final, Age::Young);
  if (may_be_client(listener) && verdict.rule == "default") verdict.kind = VerdictKind::Ignored;
  return verdict;
}

bool Verdicts::owner_may_still_come(const Listener& listener, Instant now) const {
  // The first poll searches longer than any other; only what that has not reached may still come.
  if (first_) return listener.annotation.owner.state == OwnerState::Budget;
  return now.monotonic - waiting_since(listener) < settings_.owner_grace;
}

// From when it was taken in, however long it was deferred; and of what follows one another at one endpoint,
// from the first: a program that takes a new socket every second would else never be judged.
MonotonicTime Verdicts::waiting_since(const Listener& listener) const {
  const MonotonicTime own = std::max(listener.opened.monotonic, listener.taken);
  const auto waits = pending_.find(listener.key);
  return waits == pending_.end() ? own : std::min(own, waits->second.since);
}

// In the range of ports that the kernel hands out, a UDP socket of a moment is a client's: many resolvers
// choose such a port themselves, and an event cannot tell bind(2) to port 0 from one to a chosen port. So is
// a TCP listener of a moment on loopback of which nobody knows who chose the port: helpers of programs and
// tests.
bool Verdicts::may_be_client(const Listener& listener) const {
  const std::uint32_t port = listener.key.local.port;
  if (port < settings_.first_assigned_port || port > settings_.last_assigned_port) return false;
  if (listener.key.protocol == Protocol::Udp) return true;
  return listener.bind() == Bind::Unknown && listener.annotation.scope == Scope::Loopback;
}

// A resolver's query is over in less; a service that chose such a port is told this much later.
bool Verdicts::may_soon_be_gone(const Listener& listener, Instant now) const {
  constexpr Duration kQuery = std::chrono::seconds(5);
  return !first_ && listener.key.protocol == Protocol::Udp && may_be_client(listener) &&
         now.monotonic - waiting_since(listener) < kQuery;
}

// On whatever port: resolvers choose any (RFC 5452 9.2), and a poll may come in between.
bool Verdicts::may_get_peer(const Listener& listener, Instant now) const {
  return !first_ && is_datagram(listener) && now.monotonic - waiting_since(listener) < kClientSetup;
}

// Nobody holds what an event saw somebody open: he may have closed it between the poll and the search. The
// next poll shows which of the two it is.
bool Verdicts::may_be_closed(const Listener& listener) const {
  const Owner& owner = listener.annotation.owner;
  return owner.holders.empty() && owner.opener && !pending_.contains(listener.key);
}

void Verdicts::note_pending(const Delta& delta) {
  const MonotonicTime now = delta.time.monotonic;
  const auto note = [&](const Listener& listener) {
    if (listener.verdict.kind != VerdictKind::Pending) {
      pending_.erase(listener.key);
    } else if (pending_.size() < kMostPending) {
      const MonotonicTime since = std::max(listener.opened.monotonic, listener.taken);
      pending_.try_emplace(listener.key, Wait{since, now}).first->second.last = now;
    }
  };
  for (const Listener& listener : delta.opened) note(listener);
  for (const auto* changes : {&delta.replaced, &delta.updated}) {
    for (const ListenerChange& change : *changes) note(change.after);
  }
  // An endpoint that nobody takes again for so long is another one when somebody does.
  const Duration forgotten = std::max<Duration>(settings_.restart_grace, std::chrono::seconds(10));
  std::erase_if(pending_, [&](const auto& entry) { return now - entry.second.last > forgotten; });
}

}  // namespace sockwatch
