// SPDX-License-Identifier: Apache-2.0
// What the kernel tells of its own accord, between two looks: a socket began to listen, or ended. An event
// source is one way to hear it; what each hears, misses and costs is in docs/events.md. Loop thread only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

enum class EventSource : std::uint8_t { Bpf, Perf, Destroy, Poll };
template <>
struct Words<EventSource> {
  static constexpr std::array<std::string_view, 4> values = {"bpf", "perf", "destroy", "poll"};
};

struct SocketEvent {
  enum class Kind : std::uint8_t {
    Opened,  // TCP: listen(2). The port is 0 where the kernel is about to choose one
    Closed,  // TCP: listens no longer. UDP: closed without a peer. From the destroy source, either of them or
             // a TCP socket that was bound and never listened
    Bound,   // UDP: bind(2)
    Connected,  // UDP: connect(2) to one port of a peer
  };
  Kind kind = Kind::Opened;
  EventSource source = EventSource::Bpf;
  Instant time;
  // As far as the source knows it; a cookie of 0 where it does not.
  SocketRecord record;
  // nsfs inode of the record's network namespace; 0 where the source does not tell.
  std::uint64_t namespace_inode = 0;
  // Its number in our own (see namespace_number.h), where that is all the source tells and it is another.
  std::optional<std::int32_t> namespace_number;
  // Tells the events of one socket from another's where there is no cookie.
  std::uint64_t handle = 0;
  // Who called, as it was at that moment. The exe may be only the last part of the path.
  std::optional<Holder> caller;
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void accept(const SocketEvent& event) = 0;
};

// Events of one user that were lost.
struct EventLoss {
  std::uint32_t uid = 0;
  std::uint64_t events = 0;
};

class EventFeed {
 public:
  virtual ~EventFeed() = default;

  virtual EventSource kind() const = 0;
  // Readable when something waits; owned by the feed.
  virtual int fd() const = 0;
  // Hands over what waits, a bounded part at a time. False when nothing did.
  virtual bool drain(EventSink& sink) = 0;
  // Nothing that begins to wait for strangers escapes it, so that looks may come less often.
  virtual bool hears_everything() const = 0;
  // Events that never reached us, since the start. A number that grows means: look now.
  virtual std::uint64_t lost() const = 0;
  // Whose most of them were, where the source knows.
  virtual std::optional<EventLoss> lost_most() const { return std::nullopt; }
};

}  // namespace sockwatch
