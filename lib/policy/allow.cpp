// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/allow.h"

#include <algorithm>
#include <string_view>

#include "lib/config/toml_text.h"
#include "lib/model/owner_identity.h"
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

// "docker:0123456789ab": a name that the next container of the same image will not have.
bool is_made_up(std::string_view container) {
  constexpr std::size_t kDigits = 12;
  const std::size_t colon = container.find(':');
  if (colon == std::string_view::npos || container.size() != colon + 1 + kDigits) return false;
  return container.find_first_not_of("0123456789abcdef", colon + 1) == std::string_view::npos;
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
  OwnerName name = owner_of(owner);
  const std::string exe = identity_of(owner).exe;
  if (is_made_up(name.name) && !exe.empty()) name = {OwnerKind::Exe, exe};
  std::string_view text = name.name;
  if (name.kind == OwnerKind::Exe) text = text.substr(text.rfind('/') + 1);
  if (name.kind == OwnerKind::Unit) text = text.substr(0, text.rfind('.'));
  const std::string stem = safe(text);
  return stem.empty() ? "port" : stem;
}

std::string line(std::string_view key, std::string_view value) {
  return std::string(key) + " = " + toml_quote(value) + "\n";
}

// Where the container's name says nothing, the program in it does.
std::string container_lines(const std::string& container, const std::string& exe) {
  if (exe.empty() || !is_made_up(container)) return line("container", exact_glob(container));
  return line("container", exact_glob(container.substr(0, container.find(':') + 1)) + "*") +
         line("exe", exact_glob(exe));
}

std::string owner_lines(const Owner& owner) {
  const OwnerName name = owner_of(owner);
  switch (name.kind) {
    case OwnerKind::Container:
      return container_lines(name.name, identity_of(owner).exe);
    case OwnerKind::Unit:
      return line("unit", exact_glob(name.name));
    case OwnerKind::Exe:
      return line("exe", exact_glob(name.name));
    case OwnerKind::None:
      break;
  }
  return "";
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

// Of the namespace's name that lasts.
std::string namespace_glob(std::string_view name) {
  if (!name.ends_with(":*")) return exact_glob(name);
  name.remove_suffix(1);
  return exact_glob(name) + "*";
}

}  // namespace

std::string allow_name(const Listener& listener) {
  const Identity identity = identity_of(listener);
  const std::string protocol(word(identity.protocol));
  const std::string stem = stem_of(listener.annotation.owner);
  if (!has_scope(identity.protocol))
    return stem + "-" + safe(identity.port.substr(identity.port.rfind('/') + 1)) + "-" + protocol;
  std::string name = stem + "-" + identity.port + "-" + protocol;
  // Two scopes of one port are two rules: their names must differ.
  if (identity.scope != Scope::Any) name += "-" + std::string(word(identity.scope));
  return name;
}

std::string allow_lines_named(std::string_view name, const Listener& listener) {
  const Identity identity = identity_of(listener);
  std::string text = "[[rule]]\n" + line("name", name) + line("action", "expect") +
                     line("protocol", word(identity.protocol)) + place_lines(identity, listener);
  // "host" is what everybody means who names no namespace.
  if (identity.name_space != "host") text += line("namespace", namespace_glob(identity.name_space));
  return text + owner_lines(listener.annotation.owner);
}

std::string allow_lines(const Listener& listener) {
  return allow_lines_named(allow_name(listener), listener);
}

}  // namespace sockwatch
