// SPDX-License-Identifier: Apache-2.0
// UDP-Lite (RFC 3828): UDP by another number.
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::udplite {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);

}  // namespace sockwatch::udplite
