// SPDX-License-Identifier: Apache-2.0
// sockwatch-journal: what systemd starts for sockwatch-journal.socket.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "lib/base/text.h"
#include "relay/relay.h"

namespace {

using namespace sockwatch;

constexpr int kFirstPassed = 3;  // sd_listen_fds(3)
constexpr int kIdleMs = 10'000;

bool is_passed_one_socket() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  return pid != nullptr && count != nullptr && parse_integer<pid_t>(pid) == ::getpid() &&
         std::string_view(count) == "1";
}

}  // namespace

int main() {
  if (!is_passed_one_socket()) {
    std::fputs("sockwatch-journal is started by systemd for sockwatch-journal.socket\n", stderr);
    return 2;
  }
  Relay(UniqueFd(kFirstPassed)).run(kIdleMs);
  return 0;
}
