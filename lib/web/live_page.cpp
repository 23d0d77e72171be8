// SPDX-License-Identifier: Apache-2.0
#include "lib/web/live_page.h"

#include "lib/base/text.h"
#include "lib/model/event_table.h"
#include "lib/web/html.h"
#include "lib/web/listener_table.h"
#include "lib/web/monitor_panel.h"
#include "lib/web/port_map.h"

namespace sockwatch {
namespace {

using Verdicts = PerWord<VerdictKind, std::uint64_t>;

std::uint64_t of(const Verdicts& verdicts, VerdictKind kind) {
  return verdicts[static_cast<std::size_t>(kind)];
}

Verdicts count(const View& view) {
  Verdicts verdicts{};
  for (const Listener& listener : view.listeners) {
    if (!listener.only_counted()) ++verdicts[static_cast<std::size_t>(listener.verdict.kind)];
  }
  return verdicts;
}

// The one sentence to be read from across the room.
std::string headline(const View& view, const Verdicts& verdicts) {
  const std::uint64_t unexpected = of(verdicts, VerdictKind::Unexpected);
  std::string text;
  if (unexpected > 0) {
    text = counted(unexpected, "unexpected listener");
  } else {
    text = view.missing.empty() ? "Nothing unexpected is open" : "";
  }
  if (!view.missing.empty()) {
    if (!text.empty()) text += ", ";
    text += (unexpected > 0 ? std::to_string(view.missing.size())
                            : counted(view.missing.size(), "required listener")) +
            " missing";
  }
  // A clean bill is only as good as the sight.
  if (unexpected == 0 && !view.unseen.empty()) text += ", as far as can be seen";
  return text;
}

std::string_view mood(const View& view, const Verdicts& verdicts) {
  if (of(verdicts, VerdictKind::Unexpected) > 0 || !view.missing.empty()) return "alarm";
  return view.unseen.empty() ? "calm" : "blind";
}

// How many of each; with its mark it is the key to the picture as well.
std::string tally(const Verdicts& verdicts) {
  std::string html;
  for (const VerdictKind kind :
       {VerdictKind::Unexpected, VerdictKind::Pending, VerdictKind::Expected, VerdictKind::Ignored}) {
    const std::string name(word(kind));
    html += "<li class=\"verdict " + name + (of(verdicts, kind) == 0 ? " none" : "") + "\"><b>" +
            std::to_string(of(verdicts, kind)) + "</b> " + name + "</li>\n";
  }
  return html;
}

std::string gaps(const View& view) {
  std::string items;
  for (const RequiredRule& missing : view.missing) {
    items += "<li>The rule <q>" + escaped(missing.rule) + "</q> (" + escaped(missing.origin) +
             ") requires a listener that is not there.</li>\n";
  }
  for (const Unseen& gap : view.unseen) {
    items += "<li>Not seen: " + escaped(gap.what) + ", because: " + escaped(gap.why) + "</li>\n";
  }
  return items.empty() ? "" : "<ul class=\"gaps\">\n" + items + "</ul>";
}

// For the script, which shows alerts.
std::string meanings() {
  std::string html;
  for (const EventRow& event : kEventTable)
    html += "<p id=\"" + std::string(event.word) + "\">" + escaped(event.meaning) + "</p>\n";
  return html;
}

}  // namespace

std::string live_page(const View& view, const PageFacts& facts, Instant now) {
  const Verdicts verdicts = count(view);
  const std::string said = headline(view, verdicts);
  const std::string time = to_rfc3339(view.time.wall);
  const std::string host = escaped(facts.host);
  return filled(kPageForm, {{"title", said + (host.empty() ? "" : " on " + host)},
                            {"host", host},
                            {"mood", std::string(mood(view, verdicts))},
                            {"headline", said},
                            {"open", std::to_string(count_shown(view))},
                            {"time", time},
                            {"clock", time.substr(0, 10) + " " + time.substr(11, 8) + " UTC"},
                            {"tally", tally(verdicts)},
                            {"gaps", gaps(view)},
                            {"map", port_map(view)},
                            {"rows", listener_rows_html(view)},
                            {"monitor", monitor_panel(view, facts.build, facts.started, now)},
                            {"meanings", meanings()}});
}

}  // namespace sockwatch
