// SPDX-License-Identifier: Apache-2.0
// From how far away an address can be reached, by the address alone: no routes, no firewall, no interfaces.
// Where a standard leaves room, the wider answer: a listener that reaches less than we say costs a look, one
// that reaches more costs the machine. Pure.
#pragma once

#include "lib/model/annotation.h"
#include "lib/model/endpoint.h"

namespace sockwatch {

Scope scope_of(const IpAddress& address);

}  // namespace sockwatch
