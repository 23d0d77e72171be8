// SPDX-License-Identifier: Apache-2.0
// While it lives, no file of this process grows past so many bytes: a full disk without a disk.
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace sockwatch {

class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    (void)::getrlimit(RLIMIT_FSIZE, &before_);  // cannot fail for a limit that exists
    const rlimit small{bytes, before_.rlim_max};
    (void)::setrlimit(RLIMIT_FSIZE, &small);  // lowering one's own limit is always allowed
  }
  ~FullDisk() {
    (void)::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;  // the limit is put back once
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace sockwatch
