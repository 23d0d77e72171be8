// SPDX-License-Identifier: Apache-2.0
// What the tables know about a port or a name, for `lookup` and for a port on which nothing listens. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/port_argument.h"
#include "cli/table.h"
#include "lib/annotate/service_table.h"

namespace sockwatch {

// By port and protocol, and of one port the strongest name first. A weaker table that says the same is not
// repeated.
std::vector<ServiceTable::Entry> find_ports(const ServiceTable& services, const PortArgument& asked);

TextTable port_table(std::span<const ServiceTable::Entry> entries);

// {"schema":1,"ports":[…]}
std::string ports_document(std::span<const ServiceTable::Entry> entries);

// "port 9/tcp", "name \"sssh\"": what was asked for.
std::string to_string(const PortArgument& asked);

}  // namespace sockwatch
