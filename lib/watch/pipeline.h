// SPDX-License-Identifier: Apache-2.0
// The road behind the sources: what changed, whose it is, whether that was expected. Each stage is one call;
// the ledger's commit is the only mutation of what is known to be open. Loop thread only.
#pragma once

#include <cstdint>
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
#include "lib/watch/required_watch.h"

namespace sockwatch {

struct PipelineSettings {
  Duration restart_grace = std::chrono::seconds(30);
  // How long a verdict may wait for an owner that is still sought.
  Duration owner_grace = std::chrono::seconds(2);
  // The widest scope on which an unencrypted protocol needs no rule that names its reach.
  Scope plaintext_scope = Scope::Private;
  // net.ipv4.ip_local_port_range. A UDP socket here that no look ever showed is a client's, as far as anyone
  // can tell.
  std::uint16_t first_assigned_port = 32768;
  std::uint16_t last_assigned_port = 60999;
  // Protocols that looks ask for: of others an event says nothing that any look could settle.
  std::vector<Protocol> families = {Protocol::Tcp, Protocol::Udp};
};

class Pipeline {
 public:
  Pipeline(Annotator annotator, Policy policy, PipelineSettings settings);

  // Before the first look. A run with a memory never learns.
  void restore(Memory memory);
  // The only sockets that are our own pages.
  void expect_only(std::span<const OwnSocket> own) { sockwatch::expect_only(own, policy_.built_in); }
  // Before the first look: what is open then and named by no rule is expected from then on. Where something
  // is out of sight then, the next looks may make up for it.
  void learn_at_first_look() { looks_to_learn_ = kLooksToLearn; }

  // Also of sockets that are only counted, for somebody who lists them.
  void find_all_owners() { all_owners_ = true; }

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
  // Looks again for the owners of listeners whose processes have ended. Costs some reads a listener.
  void doubt_owners();
  std::uint64_t events_overflowed() const { return events_.overflowed(); }

  // A new policy: every known listener is judged again.
  Delta reload(Policy policy, PipelineSettings settings, ServiceTable services, Instant now);

  const Ledger& ledger() const { return ledger_; }
  const LearnedSet& learned() const { return learned_; }
  const Policy& policy() const { return policy_; }
  const ConnectionTally& connections() const { return connections_; }
  // Rules with `required = true` that have been without a listener for longer than the restart grace.
  std::vector<RequiredRule> missing() const { return required_.missing(); }
  // A listener was missing once, or an owner is still sought: look again soon.
  bool unsettled() const { return ledger_.suspects() || hurry_; }
  // Where the next look shall look in any case.
  std::set<NamespaceId> unsettled_namespaces() const {
    std::set<NamespaceId> spaces = ledger_.suspected_namespaces();
    for (const ListenerKey& key : seeking_) spaces.insert(key.name_space);
    return spaces;
  }

 private:
  static constexpr int kLooksToLearn = 3;

  void revisit(const Snapshot& snapshot, Delta& delta) const;
  void recognise(Delta& delta) const;
  bool will_only_be_counted(Listener& listener) const;
  void annotate(Delta& delta);
  std::vector<Listener> short_lived(std::vector<EventLog::Vanished> vanished);
  bool was_refused(const EventLog::Vanished& vanished) const;
  void judge_for_good(Listener& listener) const;
  bool may_be_client(const Listener& listener) const;
  bool may_soon_be_gone(const Listener& listener, Instant now) const;
  void learn(Delta& delta);
  void judge(Delta& delta) const;
  Verdict judge_now(const Listener& listener, Instant now) const;
  void note_meaning(Delta& delta) const;
  void check_required(Delta& delta);
  void remember_seeking(const Delta& delta);
  bool owner_may_still_come(const Listener& listener, Instant now) const;

  Annotator annotator_;
  Policy policy_;
  PipelineSettings settings_;
  Ledger ledger_;
  EventLog events_;
  LearnedSet learned_;
  ConnectionTally connections_;
  bool hurry_ = false;                // an owner is being looked for
  std::vector<ListenerKey> seeking_;  // listeners whose owner or verdict is not final
  std::vector<ListenerKey> put_off_;  // of a member that joined them the owner is still sought; sorted
  RequiredWatch required_;
  MonotonicTime fresh_until_{};  // owners of what opened lately may still change hands
  bool first_ = true;
  bool all_owners_ = false;
  int looks_to_learn_ = 0;
};

}  // namespace sockwatch
