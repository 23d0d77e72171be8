// SPDX-License-Identifier: Apache-2.0
#include "cli/idle.h"

#include <algorithm>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

// Before this nobody knows.
std::optional<WallTime> idle_since(const ReportedListener& listener) {
  return listener.last_connection ? listener.last_connection : listener.first_seen;
}

std::string owner_of(const ReportedListener& listener) {
  for (const std::string* name : {&listener.container, &listener.unit, &listener.comm}) {
    if (!name->empty()) return *name;
  }
  return "-";
}

}  // namespace

std::vector<ReportedListener> idle_among(std::span<const ReportedListener> listeners, Duration time,
                                         WallTime now) {
  std::vector<ReportedListener> idle;
  std::copy_if(listeners.begin(), listeners.end(), std::back_inserter(idle),
               [time, now](const ReportedListener& listener) {
                 const auto since = idle_since(listener);
                 // Who connects to what has no port nobody counts.
                 return listener.state == "listen" && listener.port != 0 && since && now - *since >= time;
               });
  std::stable_sort(idle.begin(), idle.end(), [](const ReportedListener& a, const ReportedListener& b) {
    return *idle_since(a) < *idle_since(b);
  });
  return idle;
}

TextTable idle_table(std::span<const ReportedListener> idle) {
  TextTable table({{"PROTO"},
                   {"ADDRESS"},
                   {"PORT", Align::Right},
                   {"SERVICE", Align::Left, true, true, 2},
                   {"SCOPE", Align::Left, false, false, 1},
                   {"OWNER", Align::Left, true},
                   {"LAST CONNECTION"},
                   {"FIRST SEEN"}});
  for (const ReportedListener& listener : idle) {
    table.add({{listener.protocol},
               {listener.address},
               {std::to_string(listener.port)},
               {listener.service},
               {listener.scope},
               {owner_of(listener)},
               {listener.last_connection ? to_rfc3339(*listener.last_connection) : "never seen"},
               {listener.first_seen ? to_rfc3339(*listener.first_seen) : "-"}});
  }
  return table;
}

}  // namespace sockwatch
