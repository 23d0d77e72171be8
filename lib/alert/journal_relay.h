// SPDX-License-Identifier: Apache-2.0
// Passes entries about units to the relay (relay/), which is root and may therefore tell journald whom they
// are about (docs/decisions/0006). An entry counts as passed only when the relay has said that journald has
// it; in every other case the caller has it still. One thread.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/unique_fd.h"

namespace sockwatch {

inline constexpr const char* kRelaySocket = "/run/sockwatch/journal.sock";
// What the relay answers to an entry.
inline constexpr char kRelayPassed = '+';
inline constexpr char kRelayRefused = '-';
// No entry about one listener comes near it; journald's own limit for a datagram is the kernel's.
inline constexpr std::size_t kMaxRelayedEntry = 64 * 1024;

class JournalRelay {
 public:
  enum class Outcome {
    Passed,   // journald has it
    Pending,  // not known yet: ask again with the same entry
    Away,     // no relay, or it will not: send it another way
  };

  // Connects at once, which makes systemd start the relay before there is anything to tell.
  explicit JournalRelay(std::string path = kRelaySocket);

  // Waits 10 ms at most. Pending at most a few times in a row; a relay that never answers is left alone for
  // a while.
  Outcome pass(std::string_view entry);

 private:
  bool connect();
  bool ask(std::string_view entry);
  Outcome answer();

  std::string path_;
  UniqueFd socket_;
  int asked_ = 0;    // how often we have waited for the answer to the present entry; 0: not sent yet
  int shunned_ = 0;  // entries to go another way before the relay is tried again
};

}  // namespace sockwatch
