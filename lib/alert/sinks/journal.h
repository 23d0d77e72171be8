// SPDX-License-Identifier: Apache-2.0
// Alerts into the journal. An own sender, because sd_journal_send() blocks as soon as journald hangs and its
// queue is full (512 messages), and is silent when nobody listens. One thread.
#pragma once

#include <string>

#include "lib/alert/alert_sink.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {

class JournalSink final : public AlertSink {
 public:
  // Takes its descriptor at once: when there are none left is when there is something to tell.
  explicit JournalSink(std::string socket_path = "/run/systemd/journal/socket");

  AlertSinkKind kind() const override { return AlertSinkKind::Journal; }
  std::string render(const Alert& alert) const override;
  // Entries too big for a datagram go as a sealed memory file.
  SendOutcome send(std::string_view entry) override;

 private:
  std::string socket_path_;
  UniqueFd socket_;
};

}  // namespace sockwatch
