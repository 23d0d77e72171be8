// SPDX-License-Identifier: Apache-2.0
// What sockwatch itself uses, for the process_* metrics.
#pragma once

#include "lib/base/dir.h"
#include "lib/base/result.h"
#include "lib/model/process_stats.h"

namespace sockwatch {

class SelfStats {
 public:
  // `proc` is usually /proc. Reads the start time here and never again: the kernel's boot time follows the
  // clock's corrections, and a start time that wanders looks like restarts.
  static Result<SelfStats> open(Dir proc);

  // The descriptors counted include those of the count itself, as in every client that reads /proc.
  Result<ProcessStats> read() const;

 private:
  SelfStats(Dir proc, double start_time) : proc_(std::move(proc)), start_time_seconds_(start_time) {}

  Dir proc_;
  double start_time_seconds_;
};

}  // namespace sockwatch
