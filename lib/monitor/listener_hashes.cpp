// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/listener_hashes.h"

#include <cstdint>
#include <string_view>

#include "lib/base/fnv.h"
#include "lib/model/place.h"
#include "lib/model/properties.h"
#include "lib/policy/identity.h"

namespace sockwatch {
namespace {

void add(Fnv& hash, const Listener& listener) {
  const Owner& owner = listener.annotation.owner;
  hash.add(listener.annotation.name_space);
  hash.add_number(static_cast<std::uint64_t>(listener.protocol()));
  hash.add(place_text(listener.key.protocol, listener.key.local));
  hash.add_number(listener.key.local.interface_index);
  hash.add_number(listener.key.promiscuous ? 1 : 0);
  hash.add(word(listener.verdict.kind));
  hash.add(word(owner.state));
  hash.add(owner.unit);
  hash.add(owner.container);
  hash.add_number(owner.holders.empty() ? 0 : static_cast<std::uint64_t>(owner.holders.front().id.pid));
  const KnownSocket socket = known(listener);
  for (const Property& property : properties()) {
    if (!property.uses.has(PropertyUse::Change)) continue;
    const auto value = property.get(socket);
    hash.add(value ? text_of(*value) : std::string());
  }
}

}  // namespace

std::string listener_set_hash(const ListenerList& listeners) {
  LearnedSet identities;
  for (const Listener& listener : listeners) {
    if (!listener.only_counted()) identities.insert(identity_of(listener));
  }
  Fnv hash;
  for (const Identity& identity : identities) {
    const std::string owner = identity.owner + identity.program;
    for (const std::string_view part :
         {std::string_view(identity.name_space), word(identity.protocol), std::string_view(identity.port),
          word(identity.scope), std::string_view(owner)}) {
      hash.add(part);
    }
  }
  return hash.hex();
}

std::string listeners_revision(const ListenerList& listeners) {
  Fnv hash;
  for (const Listener& listener : listeners) {
    if (!listener.only_counted()) add(hash, listener);
  }
  return hash.hex();
}

}  // namespace sockwatch
