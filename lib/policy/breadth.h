// SPDX-License-Identifier: Apache-2.0
// How much a rule means. Pure.
#pragma once

#include "lib/policy/rule.h"

namespace sockwatch {

// Whether a rule takes whatever opens on TCP or UDP, from everywhere and of everybody: it has no key that
// leaves anything of that out, or only such as unit = "*", port = "1-65535" and address = "any". With
// action = "expect" or "ignore" nothing is ever alerted about behind it.
bool takes_everything(const Rule& rule);

}  // namespace sockwatch
