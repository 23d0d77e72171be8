// SPDX-License-Identifier: Apache-2.0
// Asking a daemon that runs on this machine, by its own HTTP API.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/config/listen_address.h"

namespace sockwatch {

inline constexpr const char* kApiSocket = "/run/sockwatch/api.sock";

struct DaemonApi {
  std::string socket = kApiSocket;  // asked first; systemd makes it
  ListenAddress address;            // else this, which has to be plain HTTP
};

// The body of what answers GET `path` with 200. Blocks, but for no more than some seconds. The error says
// what was tried.
Result<std::string> ask_daemon(const DaemonApi& api, std::string_view path);

// The body of an HTTP response that is complete. Pure; any bytes are safe to pass.
Result<std::string> body_of(std::string_view response);

}  // namespace sockwatch
