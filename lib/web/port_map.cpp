// SPDX-License-Identifier: Apache-2.0
#include "lib/web/port_map.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <vector>

#include "lib/web/html.h"

namespace sockwatch {
namespace {

// RFC 6335 section 6. The ticks are round numbers between the ends.
struct Strip {
  Category category;
  std::uint16_t first;
  std::uint16_t last;
  std::array<std::uint16_t, 5> ticks;
};
constexpr std::array kStrips = {
    Strip{Category::WellKnown, 0, 1023, {0, 250, 500, 750, 1023}},
    Strip{Category::Registered, 1024, 49151, {1024, 10000, 20000, 35000, 49151}},
    Strip{Category::Dynamic, 49152, 65535, {49152, 53000, 57000, 61000, 65535}},
};

// A mark is about as wide as a column on a screen of 1200 pixels.
constexpr std::uint32_t kColumns = 100;
constexpr unsigned kMark = 12;              // height of a mark with its gap, in pixels
constexpr unsigned kHighest = 160;          // marks move together before a strip grows over this
constexpr unsigned kLowest = 3;             // marks a strip has room for, at least
constexpr std::size_t kMostMarks = 24;      // in one column; the more important ones
constexpr unsigned kFoot = 8;               // from the axis to the middle of the lowest mark
constexpr unsigned kLabelGap = 8;           // from the middle of the highest to the number above it
constexpr std::uint32_t kLabelColumns = 4;  // how wide such a number is
constexpr unsigned kAxis = 18;              // below the marks: the axis and its numbers
constexpr unsigned kLabel = 20;             // above them: the number of an unexpected port

using Columns = std::map<std::uint32_t, std::vector<const Listener*>>;

std::uint32_t column_of(const Strip& strip, std::uint32_t port) {
  return port - strip.first < std::uint32_t{strip.last} - strip.first
             ? (port - strip.first) * kColumns / (std::uint32_t{strip.last} - strip.first + 1)
             : kColumns - 1;
}

std::string hundredths(std::uint32_t value) {
  const std::string fraction = std::to_string(value % 100);
  return std::to_string(value / 100) + "." + (fraction.size() < 2 ? "0" : "") + fraction;
}

// A place on the axis; the margin keeps the marks at the ends whole.
std::string percent_of_column(std::uint32_t column) {
  return hundredths(100 + (2 * column + 1) * 9800 / (2 * kColumns)) + "%";
}
std::string percent_of_port(const Strip& strip, std::uint16_t port) {
  return hundredths(100 +
                    (std::uint32_t{port} - strip.first) * 9800 / (std::uint32_t{strip.last} - strip.first)) +
         "%";
}

// What matters most lies at the bottom of a stack, where a long one still has room.
int weight(const Listener& listener) {
  constexpr PerWord<VerdictKind, int> kWeights = {2, 0, 3, 1};
  return kWeights[static_cast<std::size_t>(listener.verdict.kind)];
}

Columns columns_of(const View& view, const Strip& strip) {
  Columns columns;
  for (const Listener& listener : view.listeners) {
    const std::uint32_t port = listener.key.local.port;
    if (!has_port(listener.key.protocol)) continue;
    if (port >= strip.first && port <= strip.last) columns[column_of(strip, port)].push_back(&listener);
  }
  for (auto& [column, stack] : columns) {
    std::stable_sort(stack.begin(), stack.end(), [](const Listener* a, const Listener* b) {
      return std::pair(weight(*a), a->key.local.port) < std::pair(weight(*b), b->key.local.port);
    });
    if (stack.size() > kMostMarks) stack.resize(kMostMarks);
  }
  return columns;
}

bool is_datagram(Protocol protocol) {
  return protocol == Protocol::Udp || protocol == Protocol::Udplite;
}

// "4444/tcp on 0.0.0.0, nv-video, nc, unexpected"
std::string title_of(const Listener& listener) {
  const Annotation& known = listener.annotation;
  std::string text = std::to_string(listener.key.local.port) + "/" + std::string(word(listener.protocol())) +
                     " on " + place_of(listener);
  if (known.service) text += ", " + known.service->name;
  text += ", " + program_of(listener);
  const std::string& unit = known.owner.container.empty() ? known.owner.unit : known.owner.container;
  if (!unit.empty()) text += " in " + unit;
  return text + ", reachable: " + std::string(word(known.scope)) + ", " +
         std::string(word(listener.verdict.kind));
}

std::string mark(const Listener& listener, const std::string& x, unsigned y) {
  const std::string key = page_key(listener);
  std::string html = "<a id=\"m" + key + "\" href=\"#l" + key + "\" class=\"mark " +
                     std::string(word(listener.verdict.kind)) + "\"><title>" + escaped(title_of(listener)) +
                     "</title>";
  const std::string height = std::to_string(y);
  html += is_datagram(listener.key.protocol)
              ? "<rect x=\"" + x + "\" y=\"" + height +
                    "\" width=\"9\" height=\"9\" transform=\"translate(-4.5 -4.5)\"/>"
              : "<circle cx=\"" + x + "\" cy=\"" + height + "\" r=\"5\"/>";
  return html + "</a>";
}

// Above a column, and above its neighbours where their stacks are higher.
std::size_t height_around(const Columns& columns, std::uint32_t column) {
  std::size_t height = 0;
  const auto end = columns.upper_bound(column + kLabelColumns / 2);
  for (auto near = columns.lower_bound(column - std::min(column, kLabelColumns / 2)); near != end; ++near)
    height = std::max(height, near->second.size());
  return height;
}

// The ports nobody expected, by number; not where the last one's number still stands.
std::string labels(const Columns& columns, unsigned floor, unsigned step) {
  std::string html;
  std::uint32_t free_from = 0;
  for (const auto& [column, stack] : columns) {
    if (column < free_from || stack.front()->verdict.kind != VerdictKind::Unexpected) continue;
    const auto height = static_cast<unsigned>(height_around(columns, column));
    const std::string x = percent_of_column(column);
    const unsigned y = floor - kFoot - (height - 1) * step - kLabelGap;
    // From the number down to the column's own marks.
    const std::size_t lead = (height - stack.size()) * step;
    if (lead > 0) {
      html += "<line class=\"lead\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + std::to_string(y + 2) +
              "\" y2=\"" + std::to_string(y + lead) + "\"/>";
    }
    html += "<text class=\"port\" x=\"" + x + "\" y=\"" + std::to_string(y) + "\">" +
            std::to_string(stack.front()->key.local.port) + "</text>";
    free_from = column + kLabelColumns;
  }
  return html;
}

std::string marks(const Columns& columns, unsigned floor, unsigned step) {
  std::string html;
  for (const auto& [column, stack] : columns) {
    const std::string x = percent_of_column(column);
    unsigned y = floor - kFoot;
    for (const Listener* listener : stack) {
      html += mark(*listener, x, y);
      y -= step;
    }
  }
  return html;
}

std::string axis(const Strip& strip, unsigned floor) {
  const std::string y = std::to_string(floor);
  std::string html =
      "<g class=\"axis\" aria-hidden=\"true\"><line x1=\"0\" x2=\"100%\" y1=\"" + y + "\" y2=\"" + y + "\"/>";
  for (const std::uint16_t tick : strip.ticks) {
    const std::string x = percent_of_port(strip, tick);
    const std::string_view end = tick == strip.first  ? " class=\"first\""
                                 : tick == strip.last ? " class=\"last\""
                                                      : "";
    html +=
        "<line x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + y + "\" y2=\"" + std::to_string(floor + 4) + "\"/>";
    html += "<text" + std::string(end) + " x=\"" + x + "\" y=\"" + std::to_string(floor + 15) + "\">" +
            std::to_string(tick) + "</text>";
  }
  return html + "</g>";
}

std::string drawn(const View& view, const Strip& strip) {
  const Columns columns = columns_of(view, strip);
  unsigned tallest = kLowest;
  for (const auto& [column, stack] : columns)
    tallest = std::max(tallest, static_cast<unsigned>(stack.size()));
  const auto open =
      std::count_if(view.listeners.begin(), view.listeners.end(), [&](const Listener& listener) {
        return has_port(listener.key.protocol) && listener.key.local.port >= strip.first &&
               listener.key.local.port <= strip.last;
      });
  const unsigned step = std::max(1U, std::min(kMark, kHighest / tallest));
  const unsigned floor = kLabel + tallest * step;
  const std::string name(word(strip.category));
  return "<div class=\"strip\"><h3>" + name + " <small>" + std::to_string(strip.first) + " to " +
         std::to_string(strip.last) + "</small> <span>" + std::to_string(open) +
         " open</span></h3><svg role=\"group\" aria-label=\"" + name + " ports\" width=\"100%\" height=\"" +
         std::to_string(floor + kAxis) + "\">" + axis(strip, floor) + marks(columns, floor, step) +
         labels(columns, floor, step) + "</svg></div>\n";
}

}  // namespace

std::string port_map(const View& view) {
  std::string html;
  for (const Strip& strip : kStrips) html += drawn(view, strip);
  return html;
}

}  // namespace sockwatch
