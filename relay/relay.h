// SPDX-License-Identifier: Apache-2.0
// Passes alerts of the daemon on to journald. That is all root is needed for: journald believes only root
// whom an entry is about (docs/decisions/0006). Started by systemd for its socket, ends when nobody has been
// there for a while. One thread, no state.
#pragma once

#include <string>
#include <vector>

#include "lib/alert/journal_socket.h"
#include "lib/base/repeated.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {

class Relay {
 public:
  // `listening`: a SOCK_SEQPACKET socket on which only the daemon can connect.
  Relay(UniqueFd listening, std::string journal = kJournalSocket);

  // Until nobody is connected for so long.
  void run(int idle_ms);

 private:
  bool accept();
  bool serve(int connection);
  bool forward(std::string_view entry);

  UniqueFd listening_;
  JournalSocket journal_;
  std::vector<UniqueFd> connections_;
  std::string buffer_;
  Repeated refusals_;
};

}  // namespace sockwatch
