// SPDX-License-Identifier: Apache-2.0
// What is served under which path, from the views on the board.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/config/settings.h"
#include "lib/policy/rule.h"
#include "lib/web/http_server.h"
#include "lib/web/view_board.h"

namespace sockwatch {

struct Served {
  std::unique_ptr<HttpServer> server;
  std::vector<OwnSocket> sockets;  // that it listens on
};

// On the sockets the service manager handed over, else on the configured addresses. Board and clock must
// outlive the server.
Result<Served> start_http(const Settings& settings, const std::string& proc_root, const ViewBoard& board,
                          const Clock& clock);

}  // namespace sockwatch
