// SPDX-License-Identifier: Apache-2.0
// The road behind the sources: what changed, whose it is, whether that was expected. Each stage is one call;
// the ledger's commit is the only mutation of what is known to be open. Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "lib/annotate/annotator.h"
#include "lib/base/clock.h"
#include "lib/model/connections.h"
#include "lib/model/delta.h"
#include "lib/model/snapshot.h"
#include "lib/policy/builtin.h"
#include "lib/policy/identity.h"
#include "lib/policy/rule.h"
#include "lib/watch/event_log.h"
#include "lib/watch/ledger.h"
#include "lib/watch/memory.h"
#include "lib/watch/owner_checks.h"
#include "lib/watch/pending_owners.h"
#include "lib/watch/pipeline_settings.h"
#include "lib/watch/required_watch.h"
#include "lib/watch/verdicts.h"

namespace sockwatch {

class Pipeline {
 public:
  Pipeline(Annotator annotator, Policy policy, PipelineSettings settings);

  // Before the first look. A run with a memory never learns.
  void restore(Memory memory);
  // The only sockets that are our own pages.
  void expect_only(std::span<const OwnSocket> own) { verdicts_.expect_only(own); }
  // Before the first look: what is open then and named by no rule is expected from then on. Where something
  // is out of sight then, the next looks may make up for it.
  void learn_at_first_look() { looks_to_learn_ = kLooksToLearn; }

  // Also of sockets that are only counted, for somebody who lists them.
  void find_all_owners() { all_owners_ = true; }

  // Before take() for the same look, in parts of some milliseconds: goes on with the search for owners, and
  // asks whether what is known of them is still true. False when that is done. It may be left out: take()
  // does what cannot wait.
  bool check_owners(MonotonicTime now) { return owner_checks_.step(ledger_, annotator_, now); }

  // The whole road for one look at the listeners.
  Delta take(const Snapshot& snapshot);

  // An event between two looks. The next look tells what it means.
  void take(SocketEvent event);

  // What a look at the connections has counted.
  void take(ConnectionTally tally);
  // Sockets of which a look at the connections that begins now has to say whether they are there.
  std::vector<SocketId> ask_for_unclear() { return events_.ask_for_unclear(); }
  // It has met these of them, and would have met the others.
  Delta settle_unclear(std::span<const SocketId> met, Instant now);
  std::uint64_t events_overflowed() const { return events_.overflowed(); }
  std::optional<EventLoss> events_lost_most() const { return events_.lost_most(); }

  // A new policy: every known listener is judged again.
  Delta reload(Policy policy, PipelineSettings settings, ServiceTable services, Instant now);

  // Names of those whose sockets were counted only.
  void annotate(CrowdCounts& crowd) { annotator_.annotate(crowd); }

  const Ledger& ledger() const { return ledger_; }
  const LearnedSet& learned() const { return verdicts_.learned(); }
  const Policy& policy() const { return verdicts_.policy(); }
  const ConnectionTally& connections() const { return connections_; }
  // Rules with `required = true` that have been without a listener for longer than the restart grace.
  std::vector<RequiredRule> missing() const { return required_.missing(); }
  // A listener was missing once or is deferred, or an owner is still sought: look again soon.
  bool unsettled() const {
    return ledger_.suspects() || pending_.urgent() || events_.has_more() || ledger_.backlog().size() > 0;
  }
  // Where the next look shall look in any case.
  std::set<NamespaceId> unsettled_namespaces() const {
    std::set<NamespaceId> spaces = ledger_.suspected_namespaces();
    for (const ListenerKey& key : pending_.keys()) spaces.insert(key.name_space);
    spaces.merge(ledger_.backlog().namespaces());
    return spaces;
  }

 private:
  static constexpr int kLooksToLearn = 3;

  void revisit(const Snapshot& snapshot, Delta& delta);
  void recognise(Delta& delta) const;
  void take_known(const SocketEvent& event);
  bool will_only_be_counted(Listener& listener, Instant now) const;
  void seek_lasting(Instant now);
  void annotate(Delta& delta);
  std::vector<Listener> short_lived(std::vector<EventLog::Vanished> vanished);
  bool was_refused(const EventLog::Vanished& vanished) const;
  void learn(Delta& delta, bool whole);
  void judge(Delta& delta) const;
  void judge(Listener& listener, const Verdict* before, Instant now) const;
  void note_meaning(Delta& delta) const;
  void check_required(Delta& delta);
  void remember_pending(const Delta& delta);

  Annotator annotator_;
  Verdicts verdicts_;
  PipelineSettings settings_;
  Ledger ledger_;
  EventLog events_;
  ConnectionTally connections_;
  PendingOwners pending_;
  OwnerChecks owner_checks_;
  RequiredWatch required_;
  MonotonicTime lasting_sought_{};
  bool first_ = true;
  bool all_owners_ = false;
  int looks_to_learn_ = 0;
  std::set<SocketId> to_learn_;   // shown by the first poll, whose owners were still sought
  bool may_have_missed_ = false;  // a poll that learned was not whole
};

}  // namespace sockwatch
