// SPDX-License-Identifier: Apache-2.0
// Whether polls of the listeners keep coming in time, where polls alone find what opens. One that is late is
// no news on a busy machine; those that are late for some time are, and so is it that they come in time
// again. Pure.
#pragma once

#include <cstdint>

#include "lib/base/clock.h"

namespace sockwatch {

class PollDelay {
 public:
  enum class Change : std::uint8_t { None, Behind, InTime };

  // A poll has ended. `gap`: the longest time that something open may have gone unpolled by now.
  Change polled(Duration gap, Duration promised);

 private:
  Duration late_{};  // of the recent past
  bool behind_ = false;
};

}  // namespace sockwatch
