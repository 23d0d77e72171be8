// SPDX-License-Identifier: Apache-2.0
// The transitions of a delta by what they mean, and deltas with some.
#pragma once

#include <vector>

#include "lib/model/delta.h"

namespace sockwatch {

// In the order in which they were noted.
inline std::vector<Transition> of(const Delta& delta, Event event, AlertTone tone) {
  std::vector<Transition> found;
  for (const Transition& each : delta.transitions) {
    if (each.event == event && each.tone == tone) found.push_back(each);
  }
  return found;
}

inline std::vector<Transition> owner_changed(const Delta& delta) {
  return of(delta, Event::OwnerChanged, AlertTone::Wrong);
}
inline std::vector<Transition> upgraded(const Delta& delta) {
  return of(delta, Event::OwnerChanged, AlertTone::Right);
}
inline std::vector<Transition> joined(const Delta& delta) {
  return of(delta, Event::SecondOwner, AlertTone::Wrong);
}
inline std::vector<Transition> parted(const Delta& delta) {
  return of(delta, Event::SecondOwner, AlertTone::Right);
}
inline std::vector<Transition> exposed(const Delta& delta) {
  return of(delta, Event::PlaintextExposed, AlertTone::Wrong);
}
inline std::vector<Transition> covered(const Delta& delta) {
  return of(delta, Event::PlaintextExposed, AlertTone::Right);
}
inline std::vector<Listener> short_lived(const Delta& delta) {
  std::vector<Listener> gone;
  for (const Transition& each : of(delta, Event::ListenerShortLived, AlertTone::Wrong))
    gone.push_back(each.listener);
  return gone;
}

}  // namespace sockwatch
