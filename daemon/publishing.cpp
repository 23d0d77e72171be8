// SPDX-License-Identifier: Apache-2.0
#include "daemon/publishing.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/event_loop.h"
#include "daemon/status_text.h"
#include "lib/base/log.h"

namespace sockwatch {
namespace {

constexpr Duration kInterval = std::chrono::seconds(1);

bool has_any(const View& view, Protocol protocol) {
  const auto& aggregate = view.crowd.aggregate;
  return std::any_of(view.listeners.begin(), view.listeners.end(),
                     [&](const Listener& listener) { return listener.key.protocol == protocol; }) ||
         std::any_of(aggregate.begin(), aggregate.end(),
                     [&](const AggregateCount& count) { return count.protocol == protocol; });
}

}  // namespace

void add_facts(View& view, const SocketFacts& facts) {
  view.socket_source = facts.source;
  view.families = facts.families.how;
}

void Publishing::publish_if_due() {
  if (!published_ || parts_.clock.now().monotonic - *published_ >= kInterval) publish();
}

void Publishing::publish() {
  const Instant now = parts_.clock.now();
  auto view = std::make_shared<View>(assemble(now));
  warn_once(parts_.sockets().families);
  service::status(status_text(*view, parts_.alerting.degraded_parts()));
  service::feed_watchdog();
  parts_.board.publish(std::move(view));
  parts_.published();
  published_ = now.monotonic;
}

View Publishing::assemble(Instant now) {
  View view = parts_.monitor.view(now);
  view.config.last_reload_successful = config.last_reload_successful;
  view.config.last_reload_success = config.last_reload_success;
  for (const LookKind kind : all_of<LookKind>())
    view.totals.looks[static_cast<std::size_t>(kind)].interval = parts_.polling.interval(kind);
  view.alerts = parts_.alerting.totals();
  view.recent_alerts = parts_.alerting.history();
  view.event_source = event_source;
  view.owner_source = owner_source;
  view.connection_sources = connection_sources;
  const SocketFacts facts = parts_.sockets();
  add_facts(view, facts);
  for (Unseen& gap : facts.families.gaps([&](Protocol protocol) { return has_any(view, protocol); }))
    view.unseen.push_back(std::move(gap));
  return view;
}

// Once each: a family may come with a module, or turn out to be refused.
void Publishing::warn_once(const FamilySight& sight) {
  for (const Unseen& part : sight.unreadable) {
    if (said_.insert(part.what).second) log::warning(part.what + " cannot be seen: " + part.why);
  }
  for (const auto& [protocol, part] : sight.untold) {
    if (said_.insert(part.what).second) log::info(part.what + " cannot be seen: " + part.why);
  }
}

std::string Publishing::status() const {
  const auto view = parts_.board.current();
  return view ? status_text(*view, parts_.alerting.degraded_parts()) : std::string();
}

}  // namespace sockwatch
