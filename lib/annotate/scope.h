// SPDX-License-Identifier: Apache-2.0
// From how far away an address can be reached, by the address alone: no routes, no firewall, no interfaces.
// Where a standard leaves room, the wider answer: a listener that reaches less than we say costs a look, one
// that reaches more costs the machine. Pure.
#pragma once

#include "lib/model/annotation.h"
#include "lib/model/endpoint.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

Scope scope_of(const IpAddress& address);
// Of any family: a UNIX socket serves this machine alone, a packet socket takes what comes, and a virtual
// machine is as near as the same link.
Scope scope_of(Protocol protocol, const Endpoint& local);

}  // namespace sockwatch
