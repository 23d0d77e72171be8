// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/subject.h"

#include "lib/base/text.h"

namespace sockwatch {

std::string subject_of_place(std::string_view name_space, Protocol protocol, const IpAddress& address,
                             std::optional<std::uint16_t> port, const OwnerIdentity& owner) {
  std::string text = std::string(name_space) + " " + std::string(word(protocol)) + " " + to_string(address);
  if (port) return printable(text + " " + std::to_string(*port));
  text += " assigned";
  for (const std::string* part : {&owner.container, &owner.unit, &owner.exe}) text += "|" + *part;
  return printable(text);
}

std::string subject_of_rule(std::string_view rule) {
  return "rule " + printable(rule);
}

std::string subject_of_part(std::string_view part) {
  return "part " + printable(part);
}

}  // namespace sockwatch
