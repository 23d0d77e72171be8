// SPDX-License-Identifier: Apache-2.0
// nf_tables of the network namespace that the calling thread is in, read as one consistent generation. Takes
// CAP_NET_ADMIN. Blocks: 10,000 rules take some tens of milliseconds.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/reach/ruleset.h"

namespace sockwatch::firewall {

// `proc` is usually "/proc". Never loads nf_tables: where the module is not there, nothing filters. What the
// ruleset does not hold, legacy iptables and IPVS, is named in `unread`.
Result<Ruleset> read_ruleset(const std::string& proc);

}  // namespace sockwatch::firewall
