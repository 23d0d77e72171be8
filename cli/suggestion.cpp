// SPDX-License-Identifier: Apache-2.0
#include "cli/suggestion.h"

#include "lib/base/text.h"

namespace sockwatch {

std::string socket_text(const Listener& listener) {
  const Endpoint& local = listener.key.local;
  const bool assigned = listener.bind() == Bind::Assigned;
  return (assigned ? to_string(local.address) + ", an assigned port" : to_string(local)) + "/" +
         std::string(word(listener.key.protocol));
}

std::string decided_by(std::string_view rule, std::string_view origin) {
  if (rule == "learned") return "learned at the first start";
  if (rule == "default") return "no rule names it";
  std::string text = "rule \"" + printable(rule) + "\"";
  if (!origin.empty()) text += " (" + printable(origin) + ")";
  return text;
}

}  // namespace sockwatch
