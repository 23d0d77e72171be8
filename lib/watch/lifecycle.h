// SPDX-License-Identifier: Apache-2.0
// What changes mean in the life of a listener: it has another owner, a second one, or sends in plain text to
// places where that was not meant. Each is noted once, when it is certain; what was noted and still holds is
// kept with the listener. Pure.
#pragma once

#include <functional>

#include "lib/model/annotation.h"
#include "lib/model/delta.h"

namespace sockwatch {

// The verdict on one owner of a listener, as if there were no other.
using JudgeAlone = std::function<Verdict(const Listener&)>;

// The listener as if it were this one's alone.
Listener alone(const Listener& listener, const Owner& owner);

// Fills in what the opened, replaced, updated and closed listeners of a delta mean, once they are judged, and
// notes it in them. A verdict that waits keeps the decided one before it. `plaintext_scope` is the widest
// scope on which plaintext needs no rule that names its reach.
void note_lifecycle(Delta& delta, Scope plaintext_scope, const JudgeAlone& judge);

}  // namespace sockwatch
