// SPDX-License-Identifier: Apache-2.0
#include "lib/web/monitor_panel.h"

#include <numeric>

#include "lib/base/text.h"
#include "lib/web/html.h"

namespace sockwatch {
namespace {

// Later than this it is not merely between two looks.
constexpr Duration kLate = std::chrono::seconds(30);

enum class Mood { Good, Bad };

std::string pair(std::string_view name, const std::string& html, Mood mood = Mood::Good) {
  return "<div" + std::string(mood == Mood::Bad ? " class=\"bad\"" : "") + "><dt>" + std::string(name) +
         "</dt><dd>" + html + "</dd></div>\n";
}

std::string look_html(std::string_view name, const LookTotals& look, Instant now) {
  if (!look.last_success) return pair(name, "not yet");
  const Duration age = now.monotonic - look.last_success->monotonic;
  std::string text = age < std::chrono::seconds(1) ? "just now" : age_text(age) + " ago";
  if (look.interval > Duration(0)) {
    const auto rounded = std::chrono::round<std::chrono::milliseconds>(look.interval);
    text += ", every " + to_string(std::max<Duration>(rounded, std::chrono::milliseconds(1)));
  }
  return pair(name, text, age > kLate + 2 * look.interval ? Mood::Bad : Mood::Good);
}

std::string events_html(const View& view) {
  const auto& lost = view.totals.events_lost;
  const std::uint64_t sum = std::accumulate(lost.begin(), lost.end(), std::uint64_t{0});
  std::string text =
      view.event_source == EventSource::Poll ? "none, looks only" : std::string(word(view.event_source));
  if (sum > 0) text += ", " + std::to_string(sum) + " lost";
  return pair("Kernel events", text, sum > 0 ? Mood::Bad : Mood::Good);
}

std::string namespaces_html(const View& view) {
  std::string text = std::to_string(view.namespaces_watched) + " watched";
  if (view.namespaces_unreadable == 0) return pair("Namespaces", text);
  return pair("Namespaces", text + ", " + std::to_string(view.namespaces_unreadable) + " unreadable",
              Mood::Bad);
}

std::string alerts_html(const AlertTotals& alerts) {
  const auto sum = [](const auto& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  };
  const std::uint64_t errors = sum(alerts.sink_errors);
  std::string text = std::to_string(sum(alerts.sent)) + " sent";
  if (const std::uint64_t suppressed = sum(alerts.suppressed); suppressed > 0)
    text += ", " + std::to_string(suppressed) + " folded";
  if (errors > 0) text += ", " + counted(errors, "failure");
  return pair("Alerts", text, errors > 0 ? Mood::Bad : Mood::Good);
}

std::string policy_html(const ConfigStatus& config) {
  std::string text = counted(config.policy_rules, "rule") + ", <code>" +
                     escaped(config.policy_hash.substr(0, 8)) + "</code>";
  if (config.last_reload_successful) return pair("Policy", text);
  return pair("Policy", text + ", the last reload failed", Mood::Bad);
}

}  // namespace

std::string monitor_panel(const View& view, const BuildInfo& build, Instant started, Instant now) {
  const auto& looks = view.totals.looks;
  std::string html = look_html("Listeners", looks[static_cast<std::size_t>(LookKind::Listeners)], now);
  html += look_html("Connections", looks[static_cast<std::size_t>(LookKind::Connections)], now);
  html += events_html(view);
  html += pair("Sockets from", std::string(word(view.socket_source)),
               view.socket_source == SocketSource::ProcNet ? Mood::Bad : Mood::Good);
  html += namespaces_html(view);
  html += alerts_html(view.alerts);
  html += policy_html(view.config);
  html += pair("Running for", age_text(now.monotonic - started.monotonic));
  return html + pair("Version",
                     escaped(build.version) + " <code>" + escaped(build.revision.substr(0, 8)) + "</code>");
}

}  // namespace sockwatch
