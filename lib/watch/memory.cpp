// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/memory.h"

#include <utility>

#include "lib/annotate/scope.h"
#include "lib/model/lasting_name.h"

namespace sockwatch {
namespace {

// The owner's name alone has to tell what kind of name it is.
bool is_program(const Identity& identity) {
  const std::string& owner = identity.owner;
  if (owner.empty() || owner.starts_with('/')) return !owner.empty();
  return owner.find(':') == std::string::npos && lasting_unit(owner).empty();
}

Identity learned_anew(Listener listener, const std::optional<std::uint32_t>& uid) {
  Annotation& annotation = listener.annotation;
  annotation.scope = scope_of(listener.key.protocol, listener.key.local);
  if (!annotation.owner.creator_uid) annotation.owner.creator_uid = uid;
  Identity identity = identity_of(listener);
  identity.reach.device.clear();  // by its name, which was not remembered
  return identity;
}

}  // namespace

void complete(Memory& memory,
              const std::function<std::optional<std::uint32_t>(const std::string& user)>& uid_of) {
  if (!std::exchange(memory.old_identities, false)) return;
  LearnedSet learned;
  for (Identity identity : memory.learned) {
    if (is_program(identity)) {
      if (is_unnamed_namespace(identity.name_space)) continue;
      identity.uid = 0;
    }
    learned.insert(std::move(identity));
  }
  for (const Listener& known : memory.known) {
    if (known.verdict.rule != "learned") continue;
    Identity identity = learned_anew(known, uid_of(known.annotation.owner.user));
    const bool whole = identity.uid || !is_program(identity);
    if (whole) learned.insert(std::move(identity));
  }
  memory.learned = std::move(learned);
}

}  // namespace sockwatch
