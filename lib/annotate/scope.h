// SPDX-License-Identifier: Apache-2.0
// From how far away a socket can be reached, by its address and options alone: no routes, no firewall.
// Where a standard leaves room, the wider answer: a listener that reaches less than we say costs a look, one
// that reaches more costs the machine. Pure.
#pragma once

#include "lib/model/annotation.h"
#include "lib/model/endpoint.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

Scope scope_of(const IpAddress& address);
// Of any family: a UNIX socket serves this machine alone, a packet socket takes what comes, and a virtual
// machine is as near as the same link. What is bound to the loopback device hears this machine alone,
// whatever its address (socket(7): SO_BINDTODEVICE); a transparent socket is given what was sent to any
// address (Documentation/networking/tproxy.rst).
Scope scope_of(Protocol protocol, const Endpoint& local, bool transparent = false);

}  // namespace sockwatch
