// SPDX-License-Identifier: Apache-2.0
// While it lives, threads that are started block every signal: those belong to the program's own loop, and a
// thread that did not block them could be handed one.
#pragma once

#include <csignal>

namespace sockwatch {

class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace sockwatch
