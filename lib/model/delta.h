// SPDX-License-Identifier: Apache-2.0
// What changed between two looks, in terms of listeners. The lists of changes are disjoint by key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/listener.h"

namespace sockwatch {

// Why the road was travelled.
enum class Cause : std::uint8_t {
  Baseline,  // the first look of this process
  Poll,
  Reload,  // the policy changed: every listener was judged again
};

// A listener before and after: its sockets, its owner or its verdict changed.
struct ListenerChange {
  Listener before;
  Listener after;
};

// A rule with `required = true` that nothing satisfies, or does again.
struct RequiredRule {
  std::string rule;
  std::string origin;
  Severity severity = Severity::Warning;
  Instant since;

  friend bool operator==(const RequiredRule&, const RequiredRule&) = default;
};

// Shown as new or changed, and to be taken in by one of the next polls.
struct DeferredListener {
  ListenerKey key;
  std::uint32_t uid = 0;  // of its creator, the greatest number where it is not told
};

struct Delta {
  Cause cause = Cause::Poll;
  Instant time;
  std::vector<Listener> opened;
  // Same key, other sockets: a restart, or another program in its place.
  std::vector<ListenerChange> replaced;
  // Same sockets, other facts: members joined or left, the owner became known, the verdict changed.
  std::vector<ListenerChange> updated;
  std::vector<Listener> closed;            // gone for longer than the restart grace
  std::vector<DeferredListener> deferred;  // sorted by key; nothing else here says anything of them

  // What these changes mean. An owner stands alone here, with the verdict on him alone.
  std::vector<ListenerChange> owner_changed;  // another unit, container or program, however late it was found
  std::vector<ListenerChange> upgraded;       // the same unit, restarted with another program
  std::vector<ListenerChange> joined;         // before: the first owner; after: a second one on the same port
  // Before: a second owner that left, or whom a reload expects; after: what remains.
  std::vector<ListenerChange> parted;
  std::vector<Listener> exposed;  // expected, unencrypted, and reachable from afar
  std::vector<Listener> covered;  // not any more

  std::vector<RequiredRule> missing;
  std::vector<RequiredRule> found;
  // Opened and closed between two looks, so no look has ever shown them. `closed` is set where it is known
  // when.
  std::vector<Listener> short_lived;
  std::vector<Listener> learned;  // blessed at the very first start, because no rule names them

  bool empty() const {
    return opened.empty() && replaced.empty() && updated.empty() && closed.empty() && exposed.empty() &&
           covered.empty() && missing.empty() && found.empty() && short_lived.empty() && learned.empty();
  }
};

}  // namespace sockwatch
