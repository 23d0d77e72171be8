// SPDX-License-Identifier: Apache-2.0
// Everything a reader may be shown, at one moment. Built by the loop thread, immutable afterwards, readable
// from any thread for as long as the reader holds it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/lazy.h"
#include "lib/model/connections.h"
#include "lib/model/crowd.h"
#include "lib/model/delta.h"
#include "lib/model/event.h"
#include "lib/model/event_source.h"
#include "lib/model/histogram.h"
#include "lib/model/listener.h"
#include "lib/model/listener_list.h"
#include "lib/model/snapshot.h"

namespace sockwatch {

template <typename E, typename Value>
using PerWord = std::array<Value, kWordCount<E>>;

// Where socket records come from.
enum class SocketSource : std::uint8_t { SockDiag, ProcNet, Replay };
template <>
struct Words<SocketSource> {
  static constexpr std::array<std::string_view, 3> values = {"sock-diag", "proc-net", "replay"};
};

// How the sockets of a family are seen. Off: nobody asked for them. Absent: the kernel has no such family.
// Unreadable: it has, and shows them to nobody.
enum class Sight : std::uint8_t { Off, SockDiag, ProcNet, Absent, Unreadable };
template <>
struct Words<Sight> {
  static constexpr std::array<std::string_view, 5> values = {"off", "sock-diag", "proc-net", "absent",
                                                             "unreadable"};
};

// What finds the processes that hold a socket. None: a replay has no owners.
enum class OwnerSource : std::uint8_t { Bpf, Proc, None };
template <>
struct Words<OwnerSource> {
  static constexpr std::array<std::string_view, 3> values = {"bpf", "proc", "none"};
};

// By what TCP connections are learned of: each told by netlink, or their counts kept by BPF in the kernel.
enum class ConnectionSource : std::uint8_t { Netlink, Bpf };
template <>
struct Words<ConnectionSource> {
  static constexpr std::array<std::string_view, 2> values = {"netlink", "bpf"};
};

enum class AlertSinkKind : std::uint8_t { Journal, Stderr, Webhook };
template <>
struct Words<AlertSinkKind> {
  static constexpr std::array<std::string_view, 3> values = {"journal", "stderr", "webhook"};
};

// Why an alert was not told one by one.
enum class SuppressReason : std::uint8_t { Folded, QueueFull, Flapping };
template <>
struct Words<SuppressReason> {
  static constexpr std::array<std::string_view, 3> values = {"folded", "queue-full", "flapping"};
};

// Counted since the daemon started.
struct LookTotals {
  PerWord<LookResult, std::uint64_t> polls{};
  Histogram duration{kPollDurationBounds};
  Duration interval{};  // to the next one, as stretched; 0 where no more are to come
  std::optional<Instant> last_success;
};

struct Totals {
  PerWord<LookKind, LookTotals> looks{};
  PerWord<Event, PerWord<VerdictKind, std::uint64_t>> events{};
  PerWord<EventSource, std::uint64_t> events_lost{};
  PerWord<EventSource, Histogram> detection_latency{
      Histogram{kDetectionLatencyBounds}, Histogram{kDetectionLatencyBounds},
      Histogram{kDetectionLatencyBounds}, Histogram{kDetectionLatencyBounds}};
  std::uint64_t malformed_messages = 0;
};

struct AlertTotals {
  PerWord<Event, std::uint64_t> sent{};
  PerWord<SuppressReason, std::uint64_t> suppressed{};
  PerWord<AlertSinkKind, std::uint64_t> sink_errors{};
  PerWord<AlertSinkKind, std::uint64_t> waiting{};  // entries, right now
};

// The last ones, the newest first.
struct AlertHistory {
  std::vector<std::shared_ptr<const Alert>> alerts;
  std::uint64_t total = 0;  // since the start, also those that are not here any more
};

struct ConfigStatus {
  bool last_reload_successful = true;
  WallTime last_reload_success{};
  std::string policy_hash;  // hexadecimal; equal policies have equal hashes on every machine
  std::size_t policy_rules = 0;
};

struct View {
  Instant time;
  ListenerList listeners;  // sorted by key
  ConnectionTally connections;
  std::vector<std::string> required;  // the rules that want a listener, whether it is there or not
  std::vector<RequiredRule> missing;
  std::vector<Unseen> unseen;  // what the last looks could not see
  Totals totals;
  AlertTotals alerts;
  std::shared_ptr<const AlertHistory> recent_alerts;  // null where nobody keeps them
  ConfigStatus config;
  SocketSource socket_source = SocketSource::SockDiag;
  EventSource event_source = EventSource::Poll;
  OwnerSource owner_source = OwnerSource::None;
  PerWord<ConnectionSource, bool> connection_sources{};  // of the last look; both where namespaces differ
  // Hexadecimal, computed by the thread that asks: of ten thousand listeners they take 20 ms. The first is
  // over the listeners' identities; the second stays while they are the same, of the same owners, judged the
  // same.
  Lazy<std::string> listener_set_hash;
  Lazy<std::string> listeners_revision;

  CrowdCounts crowd;  // what is not among the listeners

  PerWord<Protocol, Sight> families{};

  std::size_t namespaces_watched = 0;
  std::size_t namespaces_unreadable = 0;
};

// Those that are shown one by one.
inline std::size_t count_shown(const View& view) {
  return static_cast<std::size_t>(std::count_if(view.listeners.begin(), view.listeners.end(),
                                                [](const Listener& each) { return !each.only_counted(); }));
}

}  // namespace sockwatch
