// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/listener_rows.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

#include "lib/metrics/label_text.h"
#include "lib/model/endpoint_labels.h"
#include "lib/model/properties.h"

namespace sockwatch {

namespace {

RowPlace place_of(const Listener& listener) {
  const EndpointLabels labels = endpoint_labels(listener);
  return {label_text(labels.name_space), labels.protocol, label_text(labels.address), labels.port};
}

ListenerFacts facts_of(const Listener& listener) {
  const KnownSocket socket = known(listener);
  ListenerFacts facts;
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::Label)) continue;
    const std::optional<Value> value = property.get(socket);
    facts.push_back(value ? label_text(text_of(*value)) : std::string());
  }
  return facts;
}

Exposure exposure_of(const Listener& listener) {
  const VerdictKind verdict = listener.verdict.kind;
  return {verdict == VerdictKind::Unexpected || verdict == VerdictKind::Pending, listener.annotation.scope,
          listener.bind() != Bind::Assigned};
}

ListenerRow row_of(const Listener& listener, const View& view) {
  ListenerRow row;
  row.place = place_of(listener);
  row.exposure = exposure_of(listener);
  row.facts.insert(facts_of(listener));
  if (const CountByState* counts = connections_of(view.connections, listener.key)) row.connections = *counts;
  const SocketRecord& socket = listener.members.front();
  if (!socket.queue_told) {
    // Nothing rather than a 0 that nobody knows.
  } else if (socket.state == SocketState::Listen) {
    row.accept_queue = AcceptQueue{listener.queue_length(), {}};
    if (socket.limit_told) row.accept_queue->limit = listener.queue_limit();
  } else {
    row.receive_queue_bytes = listener.queue_length();
  }
  row.drops = listener.drops_total;
  row.drops_told = socket.drops_told;
  row.opened = listener.opened.wall;
  row.last_connection = listener.last_connection;
  row.listeners = {&listener};
  return row;
}

// Equal labels are one series, whatever made them equal: assigned ports, one address on two interfaces, two
// namespaces of one name.
std::vector<ListenerRow> rows_by_place(const View& view) {
  std::vector<ListenerRow> rows;
  std::map<RowPlace, std::size_t> index;
  for (const Listener& listener : view.listeners) {
    if (listener.only_counted()) continue;
    ListenerRow row = row_of(listener, view);
    const auto [at, fresh] = index.try_emplace(row.place, rows.size());
    if (fresh) {
      rows.push_back(std::move(row));
    } else {
      rows[at->second].merge(row);
    }
  }
  return rows;
}

// Row numbers, the first to be left out first; among equals the later ones of the page.
std::vector<std::size_t> least_exposed_first(const std::vector<ListenerRow>& rows) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&rows](std::size_t a, std::size_t b) { return rows[a].exposure < rows[b].exposure; });
  return order;
}

std::string other() {
  return std::string(kOther);
}

// What is left of the facts when many listeners share a row: that there are others.
ListenerFacts facts_of_other() {
  const auto count = std::count_if(properties().begin(), properties().end(), [](const Property& property) {
    return property.uses.has(PropertyUse::Label);
  });
  return ListenerFacts(static_cast<std::size_t>(count), other());
}

std::size_t total_series(const std::vector<ListenerRow>& rows) {
  std::size_t total = 0;
  for (const ListenerRow& row : rows) total += row.series();
  return total;
}

}  // namespace

bool ListenerRow::shows(SocketState state) const {
  return connections[static_cast<std::size_t>(state)] > 0 ||
         (accept_queue && state == SocketState::Established);
}

std::size_t ListenerRow::series() const {
  std::size_t count = facts.size() + (drops_told ? 2 : 1);  // when it was opened is always known
  for (const SocketState state : all_of<SocketState>()) count += shows(state) ? 1 : 0;
  if (accept_queue) count += accept_queue->limit ? 2 : 1;
  if (receive_queue_bytes) ++count;
  if (last_connection) ++count;
  return count;
}

void ListenerRow::merge(const ListenerRow& other) {
  exposure = std::max(exposure, other.exposure);
  facts.insert(other.facts.begin(), other.facts.end());
  for (std::size_t i = 0; i < connections.size(); ++i) connections[i] += other.connections[i];
  if (other.accept_queue) {
    if (!accept_queue) accept_queue.emplace();
    accept_queue->length += other.accept_queue->length;
    if (other.accept_queue->limit)
      accept_queue->limit = accept_queue->limit.value_or(0) + *other.accept_queue->limit;
  }
  if (other.receive_queue_bytes) {
    receive_queue_bytes = receive_queue_bytes.value_or(0) + *other.receive_queue_bytes;
  }
  drops += other.drops;
  drops_told = drops_told || other.drops_told;
  opened = std::max(opened, other.opened);
  last_connection = std::max(last_connection, other.last_connection);  // nothing is less than any time
  listeners.insert(listeners.end(), other.listeners.begin(), other.listeners.end());
}

ListenerRows listener_rows(const View& view, std::size_t max_series) {
  ListenerRows result;
  result.rows = rows_by_place(view);
  std::size_t total = total_series(result.rows);
  if (total <= max_series) return result;

  // Leave rows out one by one until the others and their common row fit.
  ListenerRow rest;
  rest.place = {other(), other(), other(), other()};
  std::vector<bool> folded(result.rows.size(), false);
  for (const std::size_t number : least_exposed_first(result.rows)) {
    if (total + rest.series() <= max_series) break;
    const ListenerRow& row = result.rows[number];
    folded[number] = true;
    total -= row.series();
    result.series_folded += row.series();
    rest.merge(row);
    rest.facts = {facts_of_other()};
  }

  std::vector<ListenerRow> kept;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    if (!folded[i]) kept.push_back(std::move(result.rows[i]));
  }
  kept.push_back(std::move(rest));
  result.rows = std::move(kept);
  return result;
}

}  // namespace sockwatch
