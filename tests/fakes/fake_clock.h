// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until told otherwise.
#pragma once

#include "lib/base/clock.h"

namespace sockwatch {

class FakeClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void advance(Duration by) { now_ = now_ + by; }

 private:
  // 2026-01-01T00:00:00Z, an hour after boot.
  Instant now_{MonotonicTime(std::chrono::hours(1)), WallTime(std::chrono::seconds(1767225600))};
};

}  // namespace sockwatch
