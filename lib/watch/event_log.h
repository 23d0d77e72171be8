// SPDX-License-Identifier: Apache-2.0
// What events have told and no look has shown yet. A socket is forgotten when a look shows it: the ledger
// knows it from then on. One that looks begun after its opening do not show has lived and died between them.
// Bounded. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "lib/model/event_source.h"
#include "lib/model/snapshot.h"

namespace sockwatch {

class EventLog final : public EventSink {
 public:
  // More at once are counted as lost, not kept.
  static constexpr std::size_t kCapacity = 65'536;

  void accept(const SocketEvent& event) override;

  // The event that told of this listening socket, by its cookie, or by its place where the source knows no
  // cookie. Null where none did. Valid until the next call that is not const.
  const SocketEvent* opening_of(const SocketRecord& record) const;

  struct Vanished {
    SocketEvent opening;
    std::optional<Instant> closed;  // when, where an event told
  };
  // To be called once for each look, after its sockets were compared: forgets what the look shows and returns
  // what it proves to be gone. UDP sockets that may have become connected stay until settle_connected().
  std::vector<Vanished> settle(const Snapshot& look);

  // UDP sockets whose fate only a look at the connections can tell.
  std::vector<SocketId> unclear() const;
  // Those of unclear() that such a look showed, and when it began.
  std::vector<Vanished> settle_connected(std::span<const SocketId> shown, Instant look_began);

  bool empty() const { return pending_.empty(); }
  std::uint64_t overflowed() const { return overflowed_; }

 private:
  struct Pending {
    SocketEvent opening;
    std::optional<Instant> closed;
    int misses = 0;  // complete looks, begun after the opening, that did not show it
  };
  void note_end(const SocketId& id, const SocketEvent& event);
  // The cookie, or the source's handle with a namespace no socket has.
  static SocketId id_of(const SocketEvent& event);
  enum class Fate : std::uint8_t { Shown, Gone, Open };
  static Fate fate_of(Pending& pending, const Snapshot& look, const std::vector<SocketId>& shown);
  static bool is_shown(const Pending& pending, const Snapshot& look, const std::vector<SocketId>& shown);

  std::map<SocketId, Pending> pending_;
  std::uint64_t overflowed_ = 0;
};

}  // namespace sockwatch
