// SPDX-License-Identifier: Apache-2.0
// A file descriptor with one owner. No implicit conversion: a closed or foreign descriptor cannot slip in as
// an int.
#pragma once

#include <unistd.h>

#include <utility>

namespace sockwatch {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;  // two owners would close twice
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // The caller owns the descriptor from here.
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    // close(2) releases the descriptor even when it reports an error: there is nothing left to retry.
    if (fd_ >= 0) (void)::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace sockwatch
