// SPDX-License-Identifier: Apache-2.0
// A place alerts are told to. An entry is rendered once, when its alert happens, and from then on is bytes:
// it can wait in a queue or in a file, and a later run of the daemon can send it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/event.h"
#include "lib/model/view.h"

namespace sockwatch {

enum class SendOutcome {
  Sent,
  TryAgain,  // the receiver is away or slow: the same entry comes again later, before any other
  Refused,   // the receiver is there and does not want this entry: others go on, and it comes again behind
             // them
  Failed,    // this entry will never go
  UnderWay,  // no answer yet: the same entry comes again when somebody has said that there is one
};

// How soon to try again while a receiver is away: `first`, doubled up to `longest`. Of each pause up to the
// share `jitter` is left out, so that many machines do not knock in step.
struct RetryPace {
  Duration first = std::chrono::milliseconds(100);
  Duration longest = std::chrono::seconds(10);
  double jitter = 0;
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual AlertSinkKind kind() const = 0;
  // Tells it from other sinks, over restarts too.
  virtual std::string name() const { return std::string(word(kind())); }
  // The same for the log: without what may be a secret.
  virtual std::string shown_name() const { return name(); }
  virtual std::string render(const Alert& alert) const = 0;
  // Does not block, or for so little that the loop can bear at_once() times of it. `entry` comes from
  // render() or repetition(), possibly an earlier run's.
  virtual SendOutcome send(std::string_view entry) = 0;
  virtual std::size_t at_once() const { return 256; }

  virtual RetryPace pace() const { return {}; }
  // For how long the receiver has asked to be left alone, with its last answer.
  virtual Duration asked_pause() const { return {}; }
  // Why the last entry was not taken, for the log; empty where there is nothing to add.
  virtual std::string trouble() const { return {}; }

  // For a receiver that forgets what it is not told again: when that is due, and the entry to send then.
  virtual std::optional<MonotonicTime> next_repeat() const { return std::nullopt; }
  virtual std::string repetition() const { return {}; }
  // What a later run has to repeat. recall() comes before the first send(); the entries are foreign bytes.
  virtual std::vector<std::string> memory() const { return {}; }
  virtual void recall(std::vector<std::string> memory) { (void)memory; }
  // Whether it repeats what is wrong and has not been sent this: it is new, or has a new address.
  virtual bool lacks(const std::string& subject) const { return (void)subject, false; }
};

}  // namespace sockwatch
