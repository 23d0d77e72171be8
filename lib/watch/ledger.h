// SPDX-License-Identifier: Apache-2.0
// What is open now, and what was until a moment ago. Single writer: the loop thread.
// diff() is pure: call it as often as you like. commit() is the only mutation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "lib/model/connections.h"
#include "lib/model/delta.h"
#include "lib/model/listener.h"
#include "lib/model/listener_list.h"
#include "lib/model/snapshot.h"
#include "lib/watch/backlog.h"
#include "lib/watch/listener_index.h"

namespace sockwatch {

class Ledger {
 public:
  // A listener that comes back within the grace was never closed.
  explicit Ledger(Duration restart_grace) : restart_grace_(restart_grace) {}

  void set_restart_grace(Duration grace) { restart_grace_ = grace; }

  // Takes over what an earlier run knew, before the first commit. Sorted by key.
  void restore(const ListenerList& known);

  // Compares with the current state. A key missing from `now` counts as gone only when its protocol is
  // complete there and it was missing from the complete look before, too: one dump alone skips sockets under
  // churn and never says so. The listeners of the answer carry the kernel's facts; an opened one has no
  // annotation or verdict yet, a replaced one still has its predecessor's. Of more than about `sockets` that
  // are new or changed the rest is deferred: it counts as neither opened nor gone (backlog.h).
  Delta diff(const Snapshot& now, std::size_t sockets = Backlog::kNoLimit) const;

  // A present listener, before and with its sockets as they are now: for one whose owner is looked for again.
  // Nothing where either side lacks it, or where it has changed.
  std::optional<ListenerChange> revisit(const ListenerKey& key, const Snapshot& now) const;

  // Makes the answer of diff(now), completed by the later stages, the current state, with the queues and
  // drops of `now`. Both must come from the same look.
  void commit(const Delta& delta, const Snapshot& now);
  // Makes changed annotations and verdicts current, without a look.
  void commit(const Delta& judged_again);
  // What is gone before anyone could judge it, with the time it went. It is removed, unless the key had
  // sockets before that were judged: then those are what remains known, in their grace, and close like any
  // other.
  std::vector<Listener> take_undecided();
  // The socket's port is one that its program chose, whatever polls show. False where that was known.
  bool note_choice(const SocketRecord& record);
  // The pending socket has a peer now: it is a client's and no listener. take_undecided() then passes it
  // over.
  void note_client(const SocketRecord& record);
  // Notes which listeners were seen with connections.
  void commit(const ConnectionTally& tally);

  // Present listeners, sorted by key, without those that are gone and in their grace.
  std::vector<Listener> listeners() const;
  // The same without a copy of any.
  ListenerList shared() const;
  // With those: for a later run, which has to end what was reported about them.
  ListenerList listeners_and_gone() const;
  void for_each(const std::function<void(const Listener&)>& visit) const;

  // Of all that is kept, also of what is gone and in its grace.
  void for_each_kept(const std::function<void(const Listener&)>& visit) const;
  std::size_t sockets() const { return sockets_; }
  // Another number whenever a present listener came, went or changed; not for its queues and counts.
  std::uint64_t generation() const { return generation_; }

  // Where the present listeners are, for telling a connection's direction.
  std::vector<ListenerPlace> places() const;

  // Whether the last look showed it.
  bool is_shown(const ListenerKey& key) const;
  // The listener at the record's key, gone or not; null where none is known.
  const Listener* find(const SocketRecord& record) const;
  const Listener* find(const ListenerKey& key) const;
  // The very socket is a member of what is known, gone or not.
  bool contains(const SocketRecord& record) const;

  // Some listener was missing once: a second look soon tells whether it is gone.
  bool suspects() const { return suspects_; }
  // Where.
  std::set<NamespaceId> suspected_namespaces() const;
  // What polls have shown and is not taken in yet.
  const Backlog& backlog() const { return backlog_; }

 private:
  enum class Presence : std::uint8_t { Present, Suspected, Gone };
  struct Entry {
    SharedListener listener;
    Presence presence = Presence::Present;
    Instant missing_since{};           // unless Present
    std::optional<SocketId> client{};  // the socket that note_client() named last
  };

  std::vector<Entry>::iterator place(const ListenerKey& key);
  std::vector<Entry>::const_iterator place(const ListenerKey& key) const;
  void absent(const Entry& entry, const Snapshot& now, Delta& delta) const;
  void refresh(const Delta& delta, const Snapshot& now);
  void apply(const Delta& delta);
  void remove(const std::vector<Listener>& closed);
  void add(const std::vector<Listener>& opened);

  Duration restart_grace_;
  std::vector<Entry> entries_;  // sorted by key
  Backlog backlog_;
  bool suspects_ = false;
  std::size_t sockets_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace sockwatch
