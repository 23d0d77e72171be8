// SPDX-License-Identifier: Apache-2.0
// Listeners and connections as rows for people: the number first, the service's name as a hint. Pure.
#pragma once

#include <span>

#include "cli/look.h"
#include "cli/table.h"

namespace sockwatch {

// Ports that rules publish without a listener of the same place come last.
TextTable listener_table(std::span<const OpenListener> listeners,
                         std::span<const firewall::PublishedPort> published = {});
TextTable connection_table(std::span<const SeenConnection> connections);

}  // namespace sockwatch
