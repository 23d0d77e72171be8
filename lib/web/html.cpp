// SPDX-License-Identifier: Apache-2.0
#include "lib/web/html.h"

#include <algorithm>

#include "lib/base/fnv.h"
#include "lib/base/text.h"
#include "lib/model/display.h"
#include "lib/model/place.h"

namespace sockwatch {

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

std::string filled(std::string_view form, std::initializer_list<Blank> blanks) {
  std::string page;
  for (std::size_t open = form.find("{{"); open != std::string_view::npos; open = form.find("{{")) {
    page += form.substr(0, open);
    const std::size_t close = form.find("}}", open);
    const std::string_view name = form.substr(open + 2, close - open - 2);
    const auto* blank =
        std::find_if(blanks.begin(), blanks.end(), [name](const Blank& each) { return each.name == name; });
    if (blank != blanks.end()) page += blank->html;
    form.remove_prefix(close + 2);
  }
  return page.append(form);
}

std::string age_text(Duration age) {
  using namespace std::chrono_literals;
  if (age >= 48h) return std::to_string(age / 24h) + " d";
  if (age >= 1h) return std::to_string(age / 1h) + " h";
  if (age >= 1min) return std::to_string(age / 1min) + " min";
  return std::to_string(std::max<std::int64_t>(age / 1s, 0)) + " s";
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string place_of(const Listener& listener) {
  std::string text = address_text(listener.key.protocol, listener.key.local);
  // The ordinary namespace goes without saying.
  const std::string& name_space = listener.annotation.name_space;
  if (!name_space.empty() && name_space != "host") text += " in " + name_space;
  return text;
}

std::string program_of(const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  return owner.holders.empty() ? std::string(word(owner.state)) : program_name(owner.holders.front());
}

std::string page_key(const Listener& listener) {
  Fnv hash;
  hash.add(listener.annotation.name_space);
  hash.add(word(listener.key.protocol));
  hash.add(place_of(listener));
  hash.add_number(listener.key.local.port);
  hash.add(word(listener.key.type));
  hash.add_number(listener.key.promiscuous ? 1 : 0);
  return hash.hex();
}

}  // namespace sockwatch
