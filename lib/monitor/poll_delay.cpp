// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/poll_delay.h"

#include <algorithm>

namespace sockwatch {
namespace {

// Timers, and the poll itself, take their time.
constexpr Duration kTolerated = std::chrono::milliseconds(500);
// One that comes after a minute, because the process was stopped, says no more than one after this.
constexpr Duration kMostOfOne = std::chrono::seconds(3);
// So much of the recent past was late: it is no accident, and is over only when all of it was in time.
constexpr Duration kNoAccident = std::chrono::seconds(10);
constexpr Duration kMostRemembered = std::chrono::seconds(20);

}  // namespace

PollDelay::Change PollDelay::polled(Duration gap, Duration promised) {
  const Duration counted = std::min(gap, std::max(kMostOfOne, promised));
  late_ += gap > promised + kTolerated ? counted : -counted;
  late_ = std::clamp(late_, Duration(0), std::max(kMostRemembered, 4 * promised));
  if (!behind_ && late_ >= std::max(kNoAccident, 2 * promised)) {
    behind_ = true;
    return Change::Behind;
  }
  if (behind_ && late_ == Duration(0)) {
    behind_ = false;
    return Change::InTime;
  }
  return Change::None;
}

}  // namespace sockwatch
