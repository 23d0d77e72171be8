// SPDX-License-Identifier: Apache-2.0
#include "cli/suggestion.h"

#include "lib/base/text.h"
#include "lib/model/place.h"

namespace sockwatch {

std::string socket_text(const Listener& listener) {
  const Protocol protocol = listener.protocol();
  const Endpoint& local = listener.key.local;
  const bool assigned = listener.bind() == Bind::Assigned && has_port(protocol);
  return (assigned ? address_text(protocol, local) + ", an assigned port"
                   : printable(place_text(protocol, local))) +
         "/" + std::string(word(protocol));
}

std::string decided_by(std::string_view rule, std::string_view origin) {
  if (rule == "learned") return "learned at the first start";
  if (rule == "default") return "no rule names it";
  std::string text = "rule \"" + printable(rule) + "\"";
  if (!origin.empty()) text += " (" + printable(origin) + ")";
  return text;
}

}  // namespace sockwatch
