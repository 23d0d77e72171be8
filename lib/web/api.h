// SPDX-License-Identifier: Apache-2.0
// The JSON documents of /api/v1, from one View. Same keys as `sockwatch … --json`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/model/build_info.h"
#include "lib/model/view.h"

namespace sockwatch {

// Absent for datagrams, which have none, and before connections were looked at for the first time.
std::optional<std::uint64_t> connections_held(const View& view, const Listener& listener);

// {"schema":1,"complete":…,"unseen":[…],"sockets":[…]}, as `sockwatch list --json` prints it.
std::string listeners_document(const View& view);

// Counts by service and, of at most ConnectionTally::kMostSeen, one socket each; as of the last look.
std::string connections_document(const View& view);

// The last alerts, the newest first.
std::string alerts_document(const View& view);

// How sockwatch itself is: build, uptime, what it looked at and when, what it found, what it could not see.
std::string status_document(const View& view, const BuildInfo& build, Instant started, Instant now);

}  // namespace sockwatch
