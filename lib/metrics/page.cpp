// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/page.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "lib/metrics/families.h"
#include "lib/metrics/label_text.h"
#include "lib/metrics/listener_rows.h"

namespace sockwatch {

namespace {

template <typename Integer>
double number(Integer value) {
  return static_cast<double>(value);
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double seconds(WallTime time) {
  return seconds(time.time_since_epoch());
}

// One series a word of the set.
template <typename E>
void add_words(Families& page, Metric metric, const PerWord<E, std::uint64_t>& counts) {
  for (const E value : all_of<E>()) {
    page.add(metric, {word(value)}, number(counts[static_cast<std::size_t>(value)]));
  }
}

void add_listeners(Families& page, const View& view) {
  using Kind = std::tuple<Protocol, Category, Scope, VerdictKind>;
  std::map<Kind, std::size_t> counts;
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
    for (const Category category : all_of<Category>()) {
      for (const VerdictKind verdict : all_of<VerdictKind>()) {
        counts[{protocol, category, Scope::Any, verdict}] = 0;
      }
    }
  }
  std::size_t unexpected = 0;
  for (const Listener& listener : view.listeners) {
    const Annotation& known = listener.annotation;
    const Category category = has_port(listener.key.protocol) ? known.category : Category{};
    ++counts[{listener.protocol(), category, known.scope, listener.verdict.kind}];
    if (listener.verdict.kind == VerdictKind::Unexpected) ++unexpected;
  }
  for (const AggregateCount& all : view.crowd.aggregate)
    counts[{all.protocol, Category{}, all.scope, VerdictKind::Ignored}] += all.sockets;
  for (const auto& [kind, count] : counts) {
    const auto& [protocol, category, scope, verdict] = kind;
    const std::string_view shown_category = has_port(protocol) ? word(category) : std::string_view();
    page.add(Metric::Listeners, {word(protocol), shown_category, word(scope), word(verdict)}, number(count));
  }
  page.add(Metric::UnexpectedListeners, {}, number(unexpected));
  page.add(Metric::ListenersOverLimit, {}, number(view.crowd.sockets_over_limit));
  page.add(Metric::ListenersDeferred, {}, number(view.crowd.deferred));
}

void add_missing(Families& page, const View& view) {
  std::map<std::string, int> rules;
  for (const std::string& rule : view.required) rules[label_text(rule)] = 0;
  for (const RequiredRule& missing : view.missing) rules[label_text(missing.rule)] = 1;
  for (const auto& [rule, is_missing] : rules) page.add(Metric::MissingListeners, {rule}, is_missing);
}

void add_listener_row(Families& page, const ListenerRow& row) {
  const LabelValues place = {row.place.name_space, row.place.protocol, row.place.address, row.place.port};
  for (const ListenerFacts& facts : row.facts) {
    LabelValues labels = place;
    labels.insert(labels.end(), facts.begin(), facts.end());
    page.add(Metric::ListenerInfo, labels, 1);
  }
  for (const SocketState state : all_of<SocketState>()) {
    if (!row.shows(state)) continue;
    LabelValues labels = place;
    labels.push_back(word(state));
    page.add(Metric::ListenerConnections, labels, number(row.connections[static_cast<std::size_t>(state)]));
  }
  if (row.accept_queue) {
    page.add(Metric::AcceptQueueLength, place, number(row.accept_queue->length));
    if (row.accept_queue->limit) page.add(Metric::AcceptQueueLimit, place, number(*row.accept_queue->limit));
  }
  if (row.receive_queue_bytes) {
    page.add(Metric::ReceiveQueueBytes, place, number(*row.receive_queue_bytes));
  }
  if (row.drops_told) page.add(Metric::ListenerDrops, place, number(row.drops));
  page.add(Metric::ListenerOpened, place, seconds(row.opened));
  if (row.last_connection) page.add(Metric::LastConnection, place, seconds(*row.last_connection));
}

void add_listener_rows(Families& page, const View& view, std::size_t max_series, DropCounters& drops) {
  ListenerRows shown = listener_rows(view, max_series);
  drops.count(shown.rows, view.time);
  for (const ListenerRow& row : shown.rows) add_listener_row(page, row);
  page.add(Metric::SeriesFolded, {}, number(shown.series_folded));
}

// The names with the most connections; the rest is told together.
std::set<std::string> most_used_names(const ConnectionTally& tally, std::size_t most) {
  std::map<std::string, std::uint64_t> uses;
  for (const ServiceConnections& service : tally.by_service) {
    std::uint64_t& count = uses[label_text(service.port_name)];
    for (const std::uint32_t in_state : service.by_state) count += in_state;
  }
  std::vector<std::pair<std::string, std::uint64_t>> ranked(uses.begin(), uses.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (ranked.size() > most) ranked.resize(most);
  std::set<std::string> names;
  for (const auto& [name, count] : ranked) names.insert(name);
  return names;
}

void add_connections(Families& page, const ConnectionTally& tally, std::size_t max_port_names) {
  const std::set<std::string> names = most_used_names(tally, max_port_names);
  // Ports of one name are one series.
  using Kind = std::tuple<Protocol, Direction, SocketState, Category, std::string>;
  std::map<Kind, std::uint64_t> counts;
  for (const ServiceConnections& service : tally.by_service) {
    std::string name = label_text(service.port_name);
    if (!names.contains(name)) name = kOther;
    for (const SocketState state : all_of<SocketState>()) {
      const std::uint32_t count = service.by_state[static_cast<std::size_t>(state)];
      if (count == 0) continue;
      counts[{service.protocol, service.direction, state, service.category, name}] += count;
    }
  }
  for (const auto& [kind, count] : counts) {
    const auto& [protocol, direction, state, category, name] = kind;
    page.add(Metric::Connections, {word(protocol), word(direction), word(state), word(category), name},
             number(count));
  }
}

void add_events(Families& page, const View& view) {
  for (const Event event : all_of<Event>()) {
    // Others have no verdict.
    if (row_of(event).about != EventAbout::Listener) continue;
    const auto& by_verdict = view.totals.events[static_cast<std::size_t>(event)];
    for (const VerdictKind verdict : all_of<VerdictKind>()) {
      page.add(Metric::ListenerEvents, {word(event), word(verdict)},
               number(by_verdict[static_cast<std::size_t>(verdict)]));
    }
  }
  add_words<Event>(page, Metric::Alerts, view.alerts.sent);
  add_words<SuppressReason>(page, Metric::AlertsSuppressed, view.alerts.suppressed);
  add_words<AlertSinkKind>(page, Metric::AlertSinkErrors, view.alerts.sink_errors);
  add_words<AlertSinkKind>(page, Metric::AlertsWaiting, view.alerts.waiting);
  for (const EventSource source : all_of<EventSource>()) {
    page.add(Metric::DetectionLatency, {word(source)},
             view.totals.detection_latency[static_cast<std::size_t>(source)]);
  }
}

void add_looks(Families& page, const Totals& totals, Instant now) {
  for (const LookKind kind : all_of<LookKind>()) {
    const LookTotals& look = totals.looks[static_cast<std::size_t>(kind)];
    page.add(Metric::PollDuration, {word(kind)}, look.duration);
    page.add(Metric::PollInterval, {word(kind)}, seconds(look.interval));
    for (const LookResult result : all_of<LookResult>()) {
      page.add(Metric::Polls, {word(kind), word(result)},
               number(look.polls[static_cast<std::size_t>(result)]));
    }
    if (look.last_success) {
      const Duration age = now.monotonic - look.last_success->monotonic;
      page.add(Metric::SnapshotAge, {word(kind)}, seconds(std::max(age, Duration::zero())));
    }
  }
  add_words<EventSource>(page, Metric::EventsLost, totals.events_lost);
  page.add(Metric::MalformedMessages, {}, number(totals.malformed_messages));
}

void add_sight(Families& page, const View& view) {
  page.add(Metric::EventSourceInfo, {word(view.event_source)}, 1);
  page.add(Metric::SocketSourceInfo, {word(view.socket_source)}, 1);
  for (const ConnectionSource source : all_of<ConnectionSource>()) {
    if (view.connection_sources[static_cast<std::size_t>(source)])
      page.add(Metric::ConnectionsSourceInfo, {word(source)}, 1);
  }
  for (const Protocol protocol : all_of<Protocol>()) {
    const Sight sight = view.families[static_cast<std::size_t>(protocol)];
    if (sight != Sight::Off) page.add(Metric::SocketFamilyInfo, {word(protocol), word(sight)}, 1);
  }
  page.add(Metric::OwnerSourceInfo, {word(view.owner_source)}, 1);
  page.add(Metric::Namespaces, {"watched"}, number(view.namespaces_watched));
  page.add(Metric::Namespaces, {"unreadable"}, number(view.namespaces_unreadable));
  PerWord<OwnerState, std::uint64_t> by_state{};
  for (const Listener& listener : view.listeners) {
    if (listener.only_counted()) continue;  // nobody looked for theirs
    ++by_state[static_cast<std::size_t>(listener.annotation.owner.state)];
  }
  for (const OwnerState state : all_of<OwnerState>()) {
    // The kernel's own sockets have no process to be named.
    if (state == OwnerState::Known || state == OwnerState::Kernel) continue;
    page.add(Metric::SocketsUnattributed, {word(state)}, number(by_state[static_cast<std::size_t>(state)]));
  }
}

void add_configuration(Families& page, const View& view) {
  const ConfigStatus& config = view.config;
  page.add(Metric::PolicyInfo, {config.policy_hash, std::to_string(config.policy_rules)}, 1);
  page.add(Metric::ListenerSetInfo, {view.listener_set_hash.get()}, 1);
  page.add(Metric::ConfigReloadOk, {}, config.last_reload_successful ? 1 : 0);
  page.add(Metric::ConfigReloadTime, {}, seconds(config.last_reload_success));
}

void add_process(Families& page, const ProcessStats& process) {
  page.add(Metric::ProcessCpu, {}, process.cpu_seconds);
  page.add(Metric::ProcessResident, {}, number(process.resident_bytes));
  page.add(Metric::ProcessOpenFds, {}, number(process.open_fds));
  page.add(Metric::ProcessMaxFds, {}, number(process.max_fds));
  page.add(Metric::ProcessStart, {}, process.start_time_seconds);
}

}  // namespace

std::string render_metrics(const View& view, const ProcessStats& process, const BuildInfo& build, Instant now,
                           const MetricsLimits& limits, DropCounters& drops) {
  Families page;
  page.add(Metric::BuildInfo, {build.version, build.revision}, 1);
  add_listeners(page, view);
  add_missing(page, view);
  add_listener_rows(page, view, limits.max_series, drops);
  add_connections(page, view.connections, limits.max_port_names);
  add_events(page, view);
  add_looks(page, view.totals, now);
  add_sight(page, view);
  add_configuration(page, view);
  add_process(page, process);
  return page.text();
}

}  // namespace sockwatch
