// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/subject.h"

#include "lib/base/text.h"

namespace sockwatch {

std::string subject_of_place(std::string_view name_space, Protocol protocol, std::string_view address,
                             std::string_view port, std::string_view owner) {
  std::string text = std::string(name_space) + " " + std::string(word(protocol));
  for (const std::string_view part : {address, port}) {
    if (!part.empty()) text += " " + std::string(part);
  }
  if (port == word(Bind::Assigned)) text += " of " + std::string(owner);
  return printable(text);
}

std::string subject_of_second_owner(std::string_view owner, std::string_view place) {
  return std::string(kSecondOwner) + printable(owner) + " of " + std::string(place);
}

std::string subject_of_rule(std::string_view rule) {
  return "rule " + printable(rule);
}

std::string subject_of_hidden(Protocol protocol, std::uint32_t port) {
  return "hidden " + std::string(word(protocol)) + " " + std::to_string(port);
}

std::string subject_of_part(std::string_view part) {
  return "part " + printable(part);
}

}  // namespace sockwatch
