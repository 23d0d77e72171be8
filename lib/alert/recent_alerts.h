// SPDX-License-Identifier: Apache-2.0
// The last alerts, for who looks rather than listens. In memory only: the journal has them all. One thread;
// what it hands out may be read from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "lib/model/event.h"
#include "lib/model/view.h"

namespace sockwatch {

class RecentAlerts {
 public:
  static constexpr std::size_t kMost = 1000;

  // In the order in which they happened; also those that a storm folds into one for the sinks.
  void add(std::span<const Alert> alerts);

  // The same one until there is another alert.
  std::shared_ptr<const AlertHistory> history();

 private:
  std::deque<std::shared_ptr<const Alert>> alerts_;
  std::uint64_t total_ = 0;
  std::shared_ptr<const AlertHistory> history_;
};

}  // namespace sockwatch
