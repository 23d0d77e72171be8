// SPDX-License-Identifier: Apache-2.0
// The way into journald. An own sender, because sd_journal_send() blocks as soon as journald hangs and its
// queue is full (512 messages), and is silent when nobody listens. One thread.
#pragma once

#include <string>
#include <string_view>

#include "lib/alert/alert_sink.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {

inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

class JournalSocket {
 public:
  // Takes its descriptor at once: when there are none left is when there is something to tell.
  explicit JournalSocket(std::string path = kJournalSocket);

  // An entry of journald's native protocol. Never blocks. One too big for a datagram goes as a sealed memory
  // file.
  SendOutcome send(std::string_view entry);

 private:
  std::string path_;
  UniqueFd socket_;
};

}  // namespace sockwatch
