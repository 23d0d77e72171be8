// SPDX-License-Identifier: Apache-2.0
#include "lib/web/landing_page.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "lib/base/text.h"
#include "lib/model/place.h"

namespace sockwatch {

namespace {

constexpr std::string_view kStyle = R"(:root {
  color-scheme: light dark;
  --text: #1c2024; --soft: #57606a; --line: #d0d7de; --back: #ffffff; --bad: #b42318; --link: #0550ae;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --soft: #9aa4af; --line: #30363d; --back: #0d1117; --bad: #ff8f85; --link: #79b8ff;
  }
}
body { margin: 0 auto; max-width: 80rem; padding: 1rem 1.5rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--text); background: var(--back); }
h1 small { color: var(--soft); font-weight: normal; font-size: 1rem; }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.5rem; padding: 0; list-style: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; }
.number { text-align: right; }
.unexpected, .unseen { color: var(--bad); font-weight: 600; }
.expected, .ignored, .pending { color: var(--soft); }
)";

// Foreign text inside an element or a quoted attribute.
std::string escaped(std::string_view foreign) {
  std::string html;
  for (const char c : printable(foreign)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string address_of(const Listener& listener) {
  std::string text = address_text(listener.key.protocol, listener.key.local);
  // More than one namespace is worth a word only where it is not the ordinary one.
  const std::string& name_space = listener.annotation.name_space;
  if (!name_space.empty() && name_space != "host") text += " in " + name_space;
  return text;
}

// "ssh.service: sshd as root", or why nobody is named.
std::string owner_of(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  std::string text = owner.container.empty() ? owner.unit : owner.container;
  if (!owner.holders.empty()) {
    if (!text.empty()) text += ": ";
    text += owner.holders.front().comm;
    if (!owner.user.empty()) text += " as " + owner.user;
  }
  return text.empty() ? std::string(word(owner.state)) : text;
}

std::string cell(std::string_view foreign) {
  return "<td>" + escaped(foreign) + "</td>";
}

std::string row(const Listener& listener) {
  const Annotation& known = listener.annotation;
  const std::string verdict(word(listener.verdict.kind));
  const std::string_view assigned = listener.bind() == Bind::Assigned ? " (assigned)" : "";
  std::string html = "<tr><th scope=\"row\" class=\"number\">" +
                     escaped(port_text(listener.key.protocol, listener.key.local)) + "</th>";
  html += cell(std::string(word(listener.protocol())) + std::string(assigned));
  html += cell(address_of(listener));
  html += cell(known.service ? known.service->name : std::string());
  html += cell(has_port(listener.key.protocol) ? word(known.category) : std::string_view());
  html += cell(word(known.scope));
  html += cell(owner_of(listener));
  html += "<td class=\"" + verdict + "\">" + verdict + "</td></tr>\n";
  return html;
}

bool is_unexpected(const Listener& listener) {
  return listener.verdict.kind == VerdictKind::Unexpected;
}

std::string summary(const View& view) {
  const auto unexpected = std::count_if(view.listeners.begin(), view.listeners.end(), is_unexpected);
  const auto only_counted = std::count_if(view.listeners.begin(), view.listeners.end(),
                                          [](const Listener& listener) { return listener.only_counted(); });
  std::string html =
      std::to_string(view.listeners.size() - static_cast<std::size_t>(only_counted)) + " open, ";
  html += unexpected == 0 ? "none unexpected" : std::to_string(unexpected) + " unexpected";
  const std::string time = to_rfc3339(view.time.wall);
  return html + ", at <time datetime=\"" + time + "\">" + time + "</time>";
}

std::string unseen_list(const View& view) {
  if (view.unseen.empty()) return "";
  std::string html = "<p class=\"unseen\">Not everything could be seen:</p>\n<ul>\n";
  for (const Unseen& gap : view.unseen) {
    html += "<li>" + escaped(gap.what) + ": " + escaped(gap.why) + "</li>\n";
  }
  return html + "</ul>\n";
}

std::string table(const View& view) {
  std::vector<const Listener*> order;
  order.reserve(view.listeners.size());
  for (const Listener& listener : view.listeners) {
    if (!listener.only_counted()) order.push_back(&listener);
  }
  std::stable_partition(order.begin(), order.end(),
                        [](const Listener* each) { return is_unexpected(*each); });

  std::string html = "<div class=\"scroll\">\n<table>\n<caption>" + summary(view) + "</caption>\n<thead><tr>";
  html += "<th scope=\"col\" class=\"number\">Port</th>";
  for (const std::string_view title :
       {"Protocol", "Address", "Service", "Category", "Scope", "Owner", "Verdict"}) {
    html += "<th scope=\"col\">" + std::string(title) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const Listener* listener : order) html += row(*listener);
  return html + "</tbody>\n</table>\n</div>\n";
}

}  // namespace

std::string landing_page(const View& view, const BuildInfo& build) {
  std::string html = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sockwatch: what is open now</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<h1>sockwatch <small>)";
  html += escaped(build.version) + " (" + escaped(build.revision) + ")</small></h1>\n";
  html += R"(<nav aria-label="Pages">
<ul>
<li><a href="/metrics">Metrics for Prometheus</a></li>
<li><a href="/api/v1/listeners">Listeners as JSON</a></li>
<li><a href="/api/v1/status">Status as JSON</a></li>
</ul>
</nav>
</header>
<main>
<h2>Open now</h2>
)";
  html += unseen_list(view);
  html += table(view);
  return html + "</main>\n</body>\n</html>\n";
}

std::string_view landing_style() {
  return kStyle;
}

}  // namespace sockwatch
