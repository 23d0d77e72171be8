// SPDX-License-Identifier: Apache-2.0
// The one way to start a thread.
#pragma once

#include <functional>
#include <string_view>
#include <thread>

#include "lib/base/result.h"

namespace sockwatch {

// `what` is for the error: there may be no more threads (TasksMax=, pids.max, RLIMIT_NPROC), which must not
// end the process. The thread blocks every signal: those belong to the program's own loop.
Result<std::thread> start_thread(std::string_view what, std::function<void()> body);

}  // namespace sockwatch
