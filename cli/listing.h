// SPDX-License-Identifier: Apache-2.0
// What `list` prints of a look. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/look.h"
#include "cli/table.h"

namespace sockwatch {

enum class Selection : std::uint8_t { Listeners, Connections, All };

// How deep a look must go. Connections need the listeners, too: those tell their direction.
Depth depth_of(Selection selection);
void keep_only(Look& look, Selection selection);
// Without any protocol named: all but those of which every machine has too many to list
// (Listener::only_counted).
void keep_protocols(Look& look, Selection selection, const std::vector<Protocol>& named);
void drop_service_names(Look& look);
// False where no network namespace of that name was looked into.
bool keep_only_namespace(Look& look, const std::string& name);

// Listeners and published ports of these words alone; of what has no word nothing stays.
void keep_reach(Look& look, const std::vector<firewall::ReachWord>& words);

// A table of what was selected; two of them for all.
std::string listing_text(const Look& look, Selection selection, const TableStyle& style);
// {"schema":1,"complete":…,"unseen":[…],"sockets":[…]}
std::string listing_document(const Look& look);

}  // namespace sockwatch
