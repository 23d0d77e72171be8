// SPDX-License-Identifier: Apache-2.0
// What events have told and the ledger does not know yet. A socket is forgotten when a look shows it and the
// ledger takes it in. One whose end was told first, or that looks begun after its opening do not show, has
// lived and died between them. Bounded: TCP has places of its own, and no user takes more than half of any.
// Loop thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "lib/model/delta.h"
#include "lib/model/event_source.h"
#include "lib/model/snapshot.h"

namespace sockwatch {

class EventLog final : public EventSink {
 public:
  // More at once are counted as lost, not kept. Of TCP; as many again are for UDP.
  static constexpr std::size_t kCapacity = 32'768;

  void accept(const SocketEvent& event) override;

  // The event that told of this listening socket, by its cookie, or by its place where the source knows no
  // cookie. Null where none did. Valid until the next call that is not const.
  const SocketEvent* opening_of(const SocketRecord& record) const;

  // Whether the event's socket began before and has not ended.
  bool knows(const SocketEvent& event) const { return open_.contains(id_of(event)); }

  struct Vanished {
    SocketEvent opening;
    std::optional<Instant> closed;  // when, where an event told
  };
  // To be called once for each poll, after its sockets were compared: forgets what the poll shows and returns
  // what it proves to be gone. UDP sockets that may have become connected stay until settle_unclear(). Of
  // more than kMostAtOnce each user's turn comes in rounds, and the next polls return the rest.
  // What the poll shows and the ledger has deferred, sorted by key, is neither: it is kept.
  std::vector<Vanished> settle(const Snapshot& look, std::span<const DeferredListener> deferred = {});
  static constexpr std::size_t kMostAtOnce = 250;
  bool has_more() const { return !gone_.empty(); }

  // UDP sockets whose fate only a look at the connections can tell. One that begins now is asked for them.
  std::vector<SocketId> ask_for_unclear();
  // Those of the asked for that such a look has met. Returns the others.
  std::vector<Vanished> settle_unclear(std::span<const SocketId> met);

  bool empty() const { return open_.empty() && ended_.empty() && gone_.empty(); }
  std::uint64_t overflowed() const { return overflowed_; }
  // Whose most of them were.
  std::optional<EventLoss> lost_most() const;

 private:
  struct Open {
    SocketEvent opening;
    int misses = 0;  // complete looks, begun after the opening, that did not show it
    bool asked_for = false;
  };
  // A source without cookies knows no interface either.
  using Place = std::tuple<Protocol, std::uint32_t, IpAddress>;
  class Shown;
  enum class Fate : std::uint8_t { Known, Gone, Open };

  void begin(const SocketEvent& event);
  void end(const SocketEvent& event);
  void connect(const SocketEvent& event);
  bool takes_place(const SocketRecord& record);
  void keep_ended(Vanished ended);
  void count_and_index();
  static Place place_of(const SocketRecord& record);
  std::vector<Vanished> take_gone();
  static Fate fate_of(Open& open, const Snapshot& look, const Shown& shown);
  // The cookie, or the source's handle with a namespace no socket has.
  static SocketId id_of(const SocketEvent& event);

  std::map<SocketId, Open> open_;  // no end was told
  std::vector<Vanished> ended_;    // unless a look shows that it caught them alive
  // Where in ended_ the latest event of a socket is: by cookie, or by place where there is none.
  std::map<SocketId, std::size_t> ended_by_id_;
  std::map<Place, std::size_t> ended_by_place_;
  // Of those without a cookie; until the next settle() an entry may be of one that has ended.
  std::map<Place, SocketId> open_by_place_;
  std::map<std::uint32_t, std::deque<Vanished>> gone_;  // by user; what polls have proved, for settle()
  // Taken by each user, of TCP and of UDP; may be too high until the next settle().
  std::array<std::map<std::uint32_t, std::size_t>, 2> taken_;
  std::array<std::size_t, 2> taken_by_all_{};
  std::uint64_t overflowed_ = 0;
  std::map<std::uint32_t, std::uint64_t> lost_by_;  // the first users that lost any
};

}  // namespace sockwatch
