// SPDX-License-Identifier: Apache-2.0
// Alerts as the journal keeps them. The one door to sd-journal. Blocks on the disk.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/port_argument.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/model/event.h"

namespace sockwatch {

// Names as in JSON: "event", "owner_state", and "message". Values are foreign text.
using JournalFields = std::map<std::string, std::string>;

struct JournalEntry {
  WallTime time;  // when it happened; when the journal got it where the entry does not say
  JournalFields fields;
};

struct JournalQuery {
  std::string directory;  // empty, as is `file`: this machine's journal
  std::string file;
  // journald vouches for it; anybody may write entries that look like ours otherwise. Empty: any.
  std::string sender = "sockwatch.service";
  std::optional<WallTime> since;
  std::optional<WallTime> until;
  std::optional<PortArgument> port;
  std::string unit;           // a glob; of the listener
  std::vector<Event> events;  // none: all
  std::size_t most = 10000;   // the last ones
};

struct JournalReading {
  std::vector<JournalEntry> entries;  // by time
  std::size_t left_out = 0;           // older ones, past `most`
  std::vector<std::string> unseen;    // files that may not be read, and the like; printable
};

// The error says why there is nothing that could be read: no journal, or no permission.
Result<JournalReading> read_journal(const JournalQuery& query);

}  // namespace sockwatch
