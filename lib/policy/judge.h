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

}  // namespace sockwatch
