// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/allow.h"

#include <algorithm>
#include <string_view>

#include "lib/config/toml_text.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLongestStem = 24;

// A glob that matches this text and nothing else; except that a byte that is not UTF-8, which TOML cannot
// hold, will become "?" when it is quoted.
std::string exact_glob(std::string_view text) {
  std::string glob;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[') {
      glob += '[';
      glob += c;
      glob += ']';
    } else {
      if (c == '\\') glob += '\\';
      glob += c;
    }
  }
  return glob;
}

// For the name of a rule: short, and without foreign characters.
std::string safe(std::string_view text) {
  std::string name(text.substr(0, kLongestStem));
  std::replace_if(
      name.begin(), name.end(),
      [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !letter && !(c >= '0' && c <= '9') && c != '.' && c != '_';
      },
      '-');
  return name;
}

// What people call the program: "nc", "ssh"; foreign characters replaced, as it becomes part of a rule's
// name.
std::string stem_of(const Owner& owner) {
  const OwnerName name = owner_of(owner);
  std::string_view text = name.name;
  if (name.kind == OwnerKind::Exe) text = text.substr(text.rfind('/') + 1);
  if (name.kind == OwnerKind::Unit) text = text.substr(0, text.rfind('.'));
  const std::string stem = safe(text);
  return stem.empty() ? "port" : stem;
}

std::string line(std::string_view key, std::string_view value) {
  return std::string(key) + " = " + toml_quote(value) + "\n";
}

std::string owner_line(const Owner& owner) {
  const OwnerName name = owner_of(owner);
  switch (name.kind) {
    case OwnerKind::Container:
      return line("container", exact_glob(name.name));
    case OwnerKind::Unit:
      return line("unit", exact_glob(name.name));
    case OwnerKind::Exe:
      return line("exe", exact_glob(name.name));
    case OwnerKind::None:
      break;
  }
  return "";
}

// Two places of one owner are two rules: their names must differ.
std::string name_of(const Identity& identity, const Listener& listener) {
  const std::string protocol(word(identity.protocol));
  const std::string stem = stem_of(listener.annotation.owner);
  if (!has_scope(identity.protocol))
    return stem + "-" + safe(identity.port.substr(identity.port.rfind('/') + 1)) + "-" + protocol;
  std::string name = stem + "-" + identity.port + "-" + protocol;
  if (identity.scope != Scope::Any) name += "-" + std::string(word(identity.scope));
  return name;
}

std::string place_lines(const Identity& identity, const Listener& listener) {
  if (identity.protocol == Protocol::Packet) {
    return line("interface", exact_glob(identity.port)) +
           "promiscuous = " + (listener.key.promiscuous ? "true" : "false") + "\n";
  }
  const bool assigned = identity.port == "assigned";
  if (identity.protocol == Protocol::Unix) return assigned ? "" : line("path", exact_glob(identity.port));
  const bool any_port = listener.key.local.port > 65535;  // of vsock: more than a rule can say
  std::string text;
  if (!any_port) text = assigned ? line("port", "assigned") : "port = " + identity.port + "\n";
  return text + line("address", word(identity.scope));
}

}  // namespace

std::string allow_lines(const Listener& listener) {
  const Identity identity = identity_of(listener);
  std::string text = "[[rule]]\n" + line("name", name_of(identity, listener)) + line("action", "expect") +
                     line("protocol", word(identity.protocol)) + place_lines(identity, listener);
  // "host" is what everybody means who names no namespace.
  if (identity.name_space != "host") text += line("namespace", exact_glob(identity.name_space));
  return text + owner_line(listener.annotation.owner);
}

}  // namespace sockwatch
