// SPDX-License-Identifier: Apache-2.0
#include "lib/base/thread.h"

#include <csignal>
#include <string>
#include <system_error>
#include <utility>

namespace sockwatch {
namespace {

// While it lives, threads that are started block every signal.
class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;  // the mask is put back once
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<std::thread> start_thread(std::string_view what, std::function<void()> body) {
  const BlockSignals blocked;  // the new thread inherits it
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    return Error::from_errno(std::string(what) + ": thread", error.code().value());
  }
}

}  // namespace sockwatch
