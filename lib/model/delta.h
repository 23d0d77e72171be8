// SPDX-License-Identifier: Apache-2.0
// What changed between two looks, in terms of listeners. The lists of changes are disjoint by key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/event_table.h"
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

// An event in the life of a listener, noted once, when it is certain. An owner stands alone in it, with the
// verdict on him alone.
//
// | event | wrong | right | other |
// |---|---|---|---|
// | OwnerChanged | another unit, container or program, however late it was found | the same unit, restarted
// with another program | as it was before | | SecondOwner | of a second owner on the same port | he left, or
// a reload expects him | of the first; what remains | | PlaintextExposed | expected, unencrypted, and
// reachable from afar | not any more | | | ListenerShortLived | opened and closed between two polls, so none
// has shown it; `closed` is set where it is known when | | |
struct Transition {
  Event event = Event::OwnerChanged;
  AlertTone tone = AlertTone::Wrong;
  Listener listener;
  std::optional<Listener> other = {};
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

  // What these changes mean, and what no change shows.
  std::vector<Transition> transitions;

  std::vector<RequiredRule> missing;
  std::vector<RequiredRule> found;
  std::vector<Listener> learned;  // blessed at the very first start, because no rule names them

  bool empty() const {
    return opened.empty() && replaced.empty() && updated.empty() && closed.empty() && transitions.empty() &&
           missing.empty() && found.empty() && learned.empty();
  }
};

}  // namespace sockwatch
