// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/stderr.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "lib/json/json.h"

namespace sockwatch {
namespace {

bool is_ready(int fd) {
  pollfd waiting{fd, POLLOUT, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace

std::string StderrSink::render(const Alert& alert) const {
  return alert_json(alert) + "\n";
}

SendOutcome StderrSink::send(std::string_view entry) {
  while (written_ < entry.size()) {
    // A pipe that polls ready takes PIPE_BUF bytes without blocking, even in blocking mode (pipe(7)).
    if (!is_ready(fd_)) return SendOutcome::TryAgain;
    const std::string_view rest = entry.substr(written_);
    const ssize_t count = ::write(fd_, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == ENOSPC)) return SendOutcome::TryAgain;
    if (count < 0) {
      written_ = 0;
      return SendOutcome::Failed;
    }
    written_ += static_cast<std::size_t>(count);
  }
  written_ = 0;
  return SendOutcome::Sent;
}

}  // namespace sockwatch
