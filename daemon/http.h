// SPDX-License-Identifier: Apache-2.0
// What is served under which path, from the views on the board.
#pragma once

#include <memory>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/config/settings.h"
#include "lib/web/http_server.h"
#include "lib/web/view_board.h"

namespace sockwatch {

// On the sockets the service manager handed over, else on the configured addresses. Board and clock must
// outlive the server.
Result<std::unique_ptr<HttpServer>> start_http(const Settings& settings, const std::string& proc_root,
                                               const ViewBoard& board, const Clock& clock);

}  // namespace sockwatch
