// SPDX-License-Identifier: Apache-2.0
// SCTP's one-to-one and one-to-many sockets (net/sctp/diag.c). Its module must be there: to ask would load
// it.
#pragma once

#include <vector>

#include "lib/netlink/family.h"

namespace sockwatch::sctp {

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities);

}  // namespace sockwatch::sctp
