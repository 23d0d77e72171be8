// SPDX-License-Identifier: Apache-2.0
#include "lib/model/properties.h"

#include <algorithm>
#include <vector>

#include "lib/model/property_lists.h"

namespace sockwatch {
namespace {

bool belongs_to_no_process(SocketState state) {
  return state == SocketState::TimeWait || state == SocketState::SynRecv || state == SocketState::NewSynRecv;
}

}  // namespace

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  return std::get<bool>(value) ? "true" : "false";
}

const Owner* KnownSocket::owner() const {
  const Owner& owner = annotation.owner;
  if (belongs_to_no_process(record.state)) return nullptr;
  // Before accept(2) no file refers to a connection, so no process has it.
  const bool accepted = listener != nullptr || record.inode != 0 || !owner.holders.empty();
  return accepted ? &owner : nullptr;
}

KnownSocket known(const Listener& listener, std::optional<std::uint64_t> connections) {
  return {listener.members.front(), listener.annotation, &listener, connections, {}};
}

KnownSocket known(const SocketRecord& connection, const Annotation& annotation, Direction direction) {
  return {connection, annotation, nullptr, {}, direction};
}

std::span<const Property> properties() {
  static const std::vector<Property> kAll = [] {
    std::vector<Property> all;
    for (const auto part :
         {endpoint_properties(), owner_properties(), verdict_properties(), moment_properties()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

bool same_properties(const Listener& before, const Listener& after) {
  const KnownSocket was = known(before);
  const KnownSocket is = known(after);
  return std::all_of(properties().begin(), properties().end(), [&](const Property& property) {
    return !property.uses.has(PropertyUse::Change) || property.get(was) == property.get(is);
  });
}

const Property* matched_property(std::string_view name) {
  const auto found = std::find_if(properties().begin(), properties().end(), [name](const Property& property) {
    return property.uses.has(PropertyUse::Rule) && property.name == name;
  });
  return found == properties().end() ? nullptr : &*found;
}

}  // namespace sockwatch
