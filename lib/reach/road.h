// SPDX-License-Identifier: Apache-2.0
// The way of a first packet through this machine, hook by hook as the kernel has them: ingress, prerouting,
// the routing decision, then input, or forward and postrouting. Pure.
#pragma once

#include <vector>

#include "lib/reach/chain_walk.h"
#include "lib/reach/packet.h"

namespace sockwatch::firewall {

// Where every packet of the flow from one of these sources ends. The leaves' decisions point into the
// ruleset.
std::vector<Leaf> travel(const Flow& flow, const AddressSet& sources, SetLookup& sets);

}  // namespace sockwatch::firewall
