// SPDX-License-Identifier: Apache-2.0
// Where the loop thread puts the latest View and the HTTP thread takes it: the only thing the two share.
// The lock is held for one pointer copy, so neither ever waits for the other's work.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "lib/model/view.h"

namespace sockwatch {

// Any thread. (std::atomic<std::shared_ptr> would do, but GCC 12's trips ThreadSanitizer.)
class ViewBoard {
 public:
  void publish(std::shared_ptr<const View> view) {
    const std::lock_guard lock(mutex_);
    // Swapped rather than assigned: the old View is destroyed after the lock is released.
    current_.swap(view);
  }

  // Null until the first look is done.
  std::shared_ptr<const View> current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const View> current_;
};

}  // namespace sockwatch
