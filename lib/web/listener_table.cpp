// SPDX-License-Identifier: Apache-2.0
#include "lib/web/listener_table.h"

#include <algorithm>
#include <vector>

#include "lib/base/text.h"
#include "lib/model/place.h"
#include "lib/web/api.h"
#include "lib/web/html.h"

namespace sockwatch {
namespace {

// More than these nobody reads on a page, and it shall stay small.
constexpr std::size_t kMostRows = 1000;

// What asks for a person comes first.
int rank(const Listener& listener) {
  constexpr PerWord<VerdictKind, int> kRanks = {2, 0, 3, 1};
  return kRanks[static_cast<std::size_t>(listener.verdict.kind)];
}

bool comes_before(const Listener* a, const Listener* b) {
  const int first = rank(*a);
  const int second = rank(*b);
  return first != second ? first < second : a->key.local.port < b->key.local.port;
}

std::string cell(std::string_view column, std::string_view foreign) {
  return "<td class=\"" + std::string(column) + "\">" + escaped(foreign) + "</td>";
}

std::string verdict_cell(const Listener& listener) {
  const std::string verdict(word(listener.verdict.kind));
  return "<td class=\"verdict " + verdict + "\" data-sort=\"" + std::to_string(rank(listener)) + "\">" +
         verdict + "</td>";
}

// What a port is usually for says nothing about one that the kernel picked.
std::string service_cell(const Listener& listener) {
  if (listener.bind() == Bind::Assigned) return "<td class=\"none\">assigned</td>";
  const auto& service = listener.annotation.service;
  return cell("service", service ? service->name : std::string());
}

std::string program_cell(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  if (owner.holders.empty()) return "<td class=\"program none\">" + escaped(program_of(listener)) + "</td>";
  const Holder& holder = owner.holders.front();
  std::string html = "<td class=\"program\"";
  if (!holder.exe.empty()) html += " title=\"" + escaped(holder.exe) + "\"";
  html += ">" + escaped(program_of(listener));
  // Remembered from an earlier run where it is 0.
  if (holder.id.pid != 0) html += " <small>" + std::to_string(holder.id.pid) + "</small>";
  return html + "</td>";
}

std::string connections_cell(const View& view, const Listener& listener) {
  const auto held = connections_held(view, listener);
  return cell(held == 0U ? "number zero" : "number", held ? std::to_string(*held) : "");
}

std::string since_cell(const View& view, const Listener& listener) {
  // Not known before the clock was first read, in a replay.
  if (listener.first_seen.wall == WallTime{}) return "<td class=\"since\"></td>";
  const std::string time = to_rfc3339(listener.first_seen.wall);
  const Duration age = std::chrono::duration_cast<Duration>(view.time.wall - listener.first_seen.wall);
  return "<td class=\"since\"><time datetime=\"" + time + "\" title=\"" + time + "\">" + age_text(age) +
         "</time></td>";
}

std::string row(const View& view, const Listener& listener) {
  const Annotation& known = listener.annotation;
  const Owner& owner = known.owner;
  std::string html = "<tr id=\"l" + page_key(listener) + "\">" + verdict_cell(listener);
  html +=
      "<th scope=\"row\" class=\"number\">" + port_text(listener.key.protocol, listener.key.local) + "</th>";
  html += cell("protocol", word(listener.protocol())) + cell("address", place_of(listener));
  html += service_cell(listener);
  html += program_cell(listener);
  html += cell("unit", owner.container.empty() ? owner.unit : owner.container) + cell("user", owner.user);
  html += cell("scope", has_scope(listener.key.protocol) ? word(known.scope) : "") +
          connections_cell(view, listener) + since_cell(view, listener);
  return html + "</tr>\n";
}

}  // namespace

std::string listener_rows_html(const View& view) {
  std::vector<const Listener*> order;
  order.reserve(view.listeners.size());
  for (const Listener& listener : view.listeners) {
    if (!listener.only_counted()) order.push_back(&listener);
  }
  std::stable_sort(order.begin(), order.end(), comes_before);
  std::string html;
  const std::size_t shown = std::min(order.size(), kMostRows);
  for (std::size_t i = 0; i < shown; ++i) html += row(view, *order[i]);
  if (shown < order.size()) {
    html += "<tr class=\"none\"><td colspan=\"11\">" + std::to_string(order.size() - shown) +
            " more are open, in the <a href=\"api/v1/listeners\">API</a> and by <code>sockwatch "
            "list</code></td></tr>\n";
  }
  return html;
}

}  // namespace sockwatch
