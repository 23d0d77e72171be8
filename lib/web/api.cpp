// SPDX-License-Identifier: Apache-2.0
#include "lib/web/api.h"

#include <chrono>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/text.h"
#include "lib/json/json.h"

namespace sockwatch {

namespace {

std::uint64_t whole_milliseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

// One member a word of the set.
template <typename E>
std::string counts_json(const PerWord<E, std::uint64_t>& counts) {
  std::vector<Field> fields;
  for (const E value : all_of<E>()) fields.push_back({word(value), counts[static_cast<std::size_t>(value)]});
  return json_object(fields);
}

std::string verdicts_json(const View& view) {
  PerWord<VerdictKind, std::uint64_t> counts{};
  for (const Listener& listener : view.listeners) {
    if (!listener.only_counted()) ++counts[static_cast<std::size_t>(listener.verdict.kind)];
  }
  return counts_json<VerdictKind>(counts);
}

std::string look_json(LookKind kind, const LookTotals& look, Instant now) {
  std::vector<Field> fields{{"kind", std::string(word(kind))}};
  if (look.last_success) {
    fields.push_back({"last_success", to_rfc3339(look.last_success->wall)});
    fields.push_back({"age_ms", whole_milliseconds(now.monotonic - look.last_success->monotonic)});
  }
  if (look.interval > Duration(0)) fields.push_back({"interval_ms", whole_milliseconds(look.interval)});
  for (const LookResult result : all_of<LookResult>()) {
    fields.push_back({word(result), look.polls[static_cast<std::size_t>(result)]});
  }
  return json_object(fields);
}

std::string looks_json(const View& view, Instant now) {
  std::vector<std::string> looks;
  for (const LookKind kind : all_of<LookKind>()) {
    looks.push_back(look_json(kind, view.totals.looks[static_cast<std::size_t>(kind)], now));
  }
  return json_list(looks);
}

// One object for each service and state that has connections.
std::string counts_json(const ConnectionTally& tally) {
  std::vector<std::string> rows;
  for (const ServiceConnections& service : tally.by_service) {
    for (const SocketState state : all_of<SocketState>()) {
      const std::uint32_t count = service.by_state[static_cast<std::size_t>(state)];
      if (count == 0) continue;
      std::vector<Field> fields{{"protocol", std::string(word(service.protocol))},
                                {"direction", std::string(word(service.direction))}};
      // Port 0 gathers those past the cap on distinct ports.
      if (service.port != 0) {
        fields.push_back({"port", std::uint64_t{service.port}});
        fields.push_back({"category", std::string(word(service.category))});
      }
      if (!service.port_name.empty()) fields.push_back({"service", service.port_name});
      fields.push_back({"state", std::string(word(state))});
      fields.push_back({"connections", std::uint64_t{count}});
      rows.push_back(json_object(fields));
    }
  }
  return json_list(rows);
}

std::string connections_json(const ConnectionTally& tally) {
  std::vector<Field> fields{{"total", tally.total}};
  if (tally.time != Instant{}) fields.push_back({"counted", to_rfc3339(tally.time.wall)});
  return json_object(fields);
}

std::string missing_json(const View& view) {
  std::vector<std::string> rules;
  for (const RequiredRule& missing : view.missing) {
    rules.push_back(json_object(std::vector<Field>{{"rule", missing.rule},
                                                   {"origin", missing.origin},
                                                   {"severity", std::string(word(missing.severity))},
                                                   {"since", to_rfc3339(missing.since.wall)}}));
  }
  return json_list(rules);
}

std::string build_json(const BuildInfo& build, Instant started, Instant now) {
  return json_object(
      std::vector<Field>{{"version", build.version},
                         {"revision", build.revision},
                         {"started", to_rfc3339(started.wall)},
                         {"uptime_ms", whole_milliseconds(now.monotonic - started.monotonic)}});
}

std::string sources_json(const View& view) {
  return json_object(std::vector<Field>{{"sockets", std::string(word(view.socket_source))},
                                        {"events", std::string(word(view.event_source))},
                                        {"owners", std::string(word(view.owner_source))},
                                        {"namespaces_watched", view.namespaces_watched},
                                        {"namespaces_unreadable", view.namespaces_unreadable},
                                        {"malformed_messages", view.totals.malformed_messages}});
}

std::string config_json(const ConfigStatus& config) {
  std::vector<Field> fields{{"last_reload_successful", config.last_reload_successful}};
  if (config.last_reload_success != WallTime{}) {
    fields.push_back({"last_reload_success", to_rfc3339(config.last_reload_success)});
  }
  fields.push_back({"policy_hash", config.policy_hash});
  fields.push_back({"policy_rules", config.policy_rules});
  return json_object(fields);
}

std::string listeners_json(const View& view) {
  return json_object(
      std::vector<Field>{{"count", count_shown(view)}, {"set_hash", view.listener_set_hash.get()}});
}

// What is not among the listeners: counts, and of what there is no room for, whose it is.
std::string counted_json(const CrowdCounts& crowd) {
  std::vector<std::string> rows;
  for (const AggregateCount& all : crowd.aggregate) {
    rows.push_back(json_object(std::vector<Field>{{"protocol", std::string(word(all.protocol))},
                                                  {"scope", std::string(word(all.scope))},
                                                  {"sockets", all.sockets}}));
  }
  return json_list(rows);
}

std::string over_limit_json(const CrowdCounts& crowd) {
  std::vector<std::string> rows;
  for (const OverLimit& origin : crowd.over_limit) {
    std::vector<Field> fields{{"user", origin.user}, {"uid", std::uint64_t{origin.uid}}};
    if (!origin.unit.empty()) fields.push_back({"unit", origin.unit});
    fields.push_back({"sockets", origin.sockets});
    rows.push_back(json_object(fields));
  }
  return json_list(rows);
}

std::string alerts_json(const AlertTotals& alerts) {
  const std::vector<Field> fields{
      {"sent", std::accumulate(alerts.sent.begin(), alerts.sent.end(), std::uint64_t{0})},
      {"suppressed", std::accumulate(alerts.suppressed.begin(), alerts.suppressed.end(), std::uint64_t{0})},
      {"sink_errors",
       std::accumulate(alerts.sink_errors.begin(), alerts.sink_errors.end(), std::uint64_t{0})}};
  return json_object(fields);
}

}  // namespace

std::optional<std::uint64_t> connections_held(const View& view, const Listener& listener) {
  const bool counted = view.connections.time != Instant{};
  if (!counted || listener.members.front().state != SocketState::Listen) return std::nullopt;
  const CountByState* by_state = connections_of(view.connections, listener.key);
  if (by_state == nullptr) return 0;
  return std::accumulate(by_state->begin(), by_state->end(), std::uint64_t{0});
}

std::string listeners_document(const View& view) {
  constexpr std::string_view kEnd = "]}";
  // Of very many listeners one text is enough memory.
  std::string document = list_document(view.unseen.empty(), view.unseen, {});
  document.resize(document.size() - kEnd.size());
  bool first = true;
  for (const Listener& listener : view.listeners) {
    if (listener.only_counted()) continue;
    if (!std::exchange(first, false)) document += ',';
    document += listener_json(listener, connections_held(view, listener));
  }
  return document.append(kEnd) + "\n";
}

std::string connections_document(const View& view) {
  const ConnectionTally& tally = view.connections;
  std::vector<Unseen> unseen = view.unseen;
  std::vector<std::string> sockets;
  if (!tally.seen) {
    unseen.push_back({"connections", "the first look at them is not done yet"});
  } else {
    sockets.reserve(tally.seen->size());
    for (const SeenConnection& each : *tally.seen)
      sockets.push_back(connection_json(each.record, each.annotation, each.direction));
    if (tally.total > sockets.size())
      unseen.push_back({std::to_string(tally.total - sockets.size()) + " connections",
                        "only some are told one by one; counts holds all"});
  }
  return json_document(std::vector<JsonMember>{{"complete", unseen.empty() ? "true" : "false"},
                                               {"unseen", unseen_json(unseen)},
                                               {"sockets", json_list(sockets)},
                                               {"total", std::to_string(tally.total)},
                                               {"counts", counts_json(tally)}}) +
         "\n";
}

std::string alerts_document(const View& view) {
  std::vector<std::string> alerts;
  if (view.recent_alerts) {
    for (const auto& alert : view.recent_alerts->alerts) alerts.push_back(alert_json(*alert));
  }
  const std::uint64_t total = view.recent_alerts ? view.recent_alerts->total : 0;
  return json_document(
             std::vector<JsonMember>{{"total", std::to_string(total)}, {"alerts", json_list(alerts)}}) +
         "\n";
}

std::string status_document(const View& view, const BuildInfo& build, Instant started, Instant now) {
  const std::vector<JsonMember> members{{"build", build_json(build, started, now)},
                                        {"complete", view.unseen.empty() ? "true" : "false"},
                                        {"unseen", unseen_json(view.unseen)},
                                        {"looks", looks_json(view, now)},
                                        {"sources", sources_json(view)},
                                        {"listeners", listeners_json(view)},
                                        {"verdicts", verdicts_json(view)},
                                        {"counted", counted_json(view.crowd)},
                                        {"over_limit", over_limit_json(view.crowd)},
                                        {"connections", connections_json(view.connections)},
                                        {"missing", missing_json(view)},
                                        {"events_lost", counts_json<EventSource>(view.totals.events_lost)},
                                        {"alerts", alerts_json(view.alerts)},
                                        {"config", config_json(view.config)}};
  return json_document(members) + "\n";
}

}  // namespace sockwatch
