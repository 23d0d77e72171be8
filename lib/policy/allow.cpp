// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/allow.h"

#include <algorithm>
#include <string_view>

#include "lib/base/text.h"
#include "lib/config/toml_text.h"
#include "lib/model/lasting_name.h"
#include "lib/model/owner_identity.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLongestStem = 24;

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
  if (is_numbered(name.name) && !exe.empty()) name = {OwnerKind::Exe, exe};
  std::string_view text = name.name;
  if (name.kind == OwnerKind::Exe) text = text.substr(text.rfind('/') + 1);
  if (name.kind == OwnerKind::Unit) text = text.substr(0, text.rfind('.'));
  const std::string stem = safe(text);
  return stem.empty() ? "port" : stem;
}

std::string line(std::string_view key, std::string_view value) {
  return std::string(key) + " = " + toml_quote(value) + "\n";
}

std::string program_line(const Owner& owner) {
  const auto named = std::find_if(owner.holders.begin(), owner.holders.end(),
                                  [](const Holder& holder) { return !holder.exe.empty(); });
  return named == owner.holders.end() ? "" : line("exe", lasting_program(named->exe).glob);
}

// Where the container's name says nothing, the program in it does.
std::string container_lines(const Owner& owner) {
  const std::string program = is_numbered(owner.container) ? program_line(owner) : "";
  if (is_numbered(owner.container) && program.empty()) return line("container", exact_glob(owner.container));
  return line("container", lasting_container(owner.container).glob) + program;
}

// Anybody may run a program; the creator's user is the one that stays.
std::string user_line(const Owner& owner) {
  const std::string& user = owner.creator_user.empty() ? owner.user : owner.creator_user;
  return user.empty() ? "" : line("user", exact_glob(user));
}

std::string owner_lines(const Owner& owner) {
  const OwnerName name = owner_of(owner);
  switch (name.kind) {
    case OwnerKind::Container:
      return container_lines(owner);
    case OwnerKind::Unit:
      return line("unit", exact_glob(name.name));
    case OwnerKind::Exe:
      return program_line(owner) + user_line(owner);
    case OwnerKind::None:
      // A program without a name, as one whose path is too long: its user is better than everybody.
      return user_line(owner);
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
  const std::string& name_space = listener.annotation.name_space;
  if (name_space != kHostNamespace) {
    const bool lasts = identity.name_space == name_space;
    text += line("namespace", lasts ? exact_glob(name_space) : lasting_namespace(name_space).glob);
  }
  return text + owner_lines(listener.annotation.owner);
}

std::string allow_lines(const Listener& listener) {
  return allow_lines_named(allow_name(listener), listener);
}

}  // namespace sockwatch
