// SPDX-License-Identifier: Apache-2.0
// Alerts as one line of JSON each, for `--once`, for a terminal, for containers without a journal. One
// thread.
#pragma once

#include <string>

#include "lib/alert/alert_sink.h"

namespace sockwatch {

class StderrSink final : public AlertSink {
 public:
  // `fd` stays the caller's and its flags stay as they are: other processes may share them. The process must
  // ignore SIGPIPE.
  explicit StderrSink(int fd) : fd_(fd) {}

  AlertSinkKind kind() const override { return AlertSinkKind::Stderr; }
  std::string render(const Alert& alert) const override;
  // After TryAgain goes on in the middle of the line where it stopped.
  SendOutcome send(std::string_view entry) override;

 private:
  int fd_;
  std::size_t written_ = 0;  // of the entry under way
};

}  // namespace sockwatch
