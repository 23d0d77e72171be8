// SPDX-License-Identifier: Apache-2.0
// The listeners of a View as rows of the per-listener metrics: what shares the labels namespace, protocol,
// address and port is one row, and past the budget the least exposed rows become one called "other". So
// neither a program that opens a thousand ports nor one that opens assigned ports all day can flood
// Prometheus.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/view.h"

namespace sockwatch {

inline constexpr std::string_view kOther = "other";

// The labels that identify a row. The port is "assigned" where the kernel chose it: the number says nothing
// and would be a new series at every start.
struct RowPlace {
  std::string name_space;
  std::string protocol;
  std::string address;
  std::string port;

  friend auto operator<=>(const RowPlace&, const RowPlace&) = default;
};

// The rest of listener_info's labels: the properties that are labels, in their order.
using ListenerFacts = std::vector<std::string>;

struct AcceptQueue {
  std::uint64_t length = 0;
  std::optional<std::uint64_t> limit{};  // absent: not told
};

// How far a row is from being left out. What nobody expects is never hidden behind a crowd that is expected;
// then scopes count before the way the port was chosen.
struct Exposure {
  bool unwanted = false;  // unexpected or not judged yet
  Scope scope = Scope::Loopback;
  bool chosen = false;  // the program asked for this port

  friend auto operator<=>(const Exposure&, const Exposure&) = default;
};

struct ListenerRow {
  RowPlace place;
  Exposure exposure;              // the highest of its listeners
  std::set<ListenerFacts> facts;  // one series each
  CountByState connections{};
  std::optional<AcceptQueue> accept_queue;           // what is in LISTEN
  std::optional<std::uint64_t> receive_queue_bytes;  // what takes datagrams
  std::uint64_t drops = 0;                           // the sum over `listeners`
  bool drops_told = false;                           // of at least one of them
  WallTime opened;                                   // of its newest sockets
  std::optional<WallTime> last_connection;           // the latest
  std::vector<const Listener*> listeners;            // of the View

  // States that get a series: those that occur, and `established` wherever connections are accepted.
  bool shows(SocketState state) const;
  // How many series it takes on the page.
  std::size_t series() const;
  // Sums up; keeps the place.
  void merge(const ListenerRow& other);
};

struct ListenerRows {
  std::vector<ListenerRow> rows;  // in the View's order, "other" last
  std::size_t series_folded = 0;
};

// Their `listeners` are those of `view`, which must outlive them.
// At most `max_series` series in all (plus the one row "other" where even that is more).
ListenerRows listener_rows(const View& view, std::size_t max_series);

}  // namespace sockwatch
