// SPDX-License-Identifier: Apache-2.0
// A place alerts are told to. An entry is rendered once, when its alert happens, and from then on is bytes:
// it can wait in a queue or in a file, and a later run of the daemon can send it.
#pragma once

#include <string>
#include <string_view>

#include "lib/model/event.h"
#include "lib/model/view.h"

namespace sockwatch {

enum class SendOutcome {
  Sent,
  TryAgain,  // the receiver is away or slow: the same entry comes again later, before any other
  Failed,    // this entry will never go
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual AlertSinkKind kind() const = 0;
  // Tells it from other sinks, over restarts too.
  virtual std::string name() const { return std::string(word(kind())); }
  virtual std::string render(const Alert& alert) const = 0;
  // Never blocks. `entry` comes from render(), possibly an earlier run's.
  virtual SendOutcome send(std::string_view entry) = 0;
};

}  // namespace sockwatch
