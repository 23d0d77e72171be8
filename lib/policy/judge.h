// SPDX-License-Identifier: Apache-2.0
// The judgement: one listener, one verdict, always. Pure and total; time and memory live elsewhere.
#pragma once

#include "lib/model/listener.h"
#include "lib/policy/identity.h"
#include "lib/policy/rule.h"

namespace sockwatch {

// Whether an owner that is not known yet is still worth waiting for.
enum class OwnerEvidence { MayStillCome, Final };

// The first that fits decides: the administrator's rules, the built-in ones, the learned set, the default.
// While the owner may still come, a rule that hangs on it alone makes the verdict Pending under that rule's
// name; once the evidence is final, an unknown owner matches no glob.
Verdict judge(const Listener& listener, const Policy& policy, const LearnedSet& learned,
              OwnerEvidence evidence);

// Whether a listener of this socket is ignored whatever more was known of it, and no rule requires it. Only
// of families without ports, of which every machine has many: the answer costs little and decides whether the
// socket is kept at all.
bool is_ignored_by_kind(const Policy& policy, const SocketRecord& record);

}  // namespace sockwatch
