// SPDX-License-Identifier: Apache-2.0
#include "cli/suggestion.h"

#include "lib/base/text.h"
#include "lib/model/display.h"

namespace sockwatch {

std::string socket_text(const Listener& listener) {
  const bool assigned = listener.bind() == Bind::Assigned && has_port(listener.key.protocol);
  return printable(lasting_endpoint_text(listener)) + (assigned ? ", an assigned port" : "") + "/" +
         std::string(word(listener.protocol()));
}

std::string decided_by(std::string_view rule, std::string_view origin) {
  if (rule == "learned") return "learned at the first start";
  if (rule == "default") return "no rule names it";
  std::string text = "rule \"" + printable(rule) + "\"";
  if (!origin.empty()) text += " (" + printable(origin) + ")";
  return text;
}

}  // namespace sockwatch
