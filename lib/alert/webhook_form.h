// SPDX-License-Identifier: Apache-2.0
// What is said to a receiver over HTTP, and how: entries that wait in a queue, and the bodies made of them at
// the moment they are posted. How they travel is the sink's business (lib/alert/sinks/webhook.h). One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/alert/alert_sink.h"
#include "lib/base/clock.h"
#include "lib/model/alert_labels.h"
#include "lib/model/event.h"

namespace sockwatch {

using WebhookLabels = AlertLabels;

class WebhookForm {
 public:
  virtual ~WebhookForm() = default;
  virtual std::string render(const Alert& alert) const = 0;
  // Empty where there is nothing to post after all; absent where this is no entry of this form.
  virtual std::optional<std::string> body(std::string_view entry, Instant now) = 0;
  // What became of it: Sent, Refused (it may come again), or Failed for good.
  virtual void settled(std::string_view entry, SendOutcome outcome, Instant now) = 0;

  // As in AlertSink.
  virtual std::optional<MonotonicTime> next_repeat() const { return std::nullopt; }
  virtual std::string repetition() const { return {}; }
  virtual std::vector<std::string> memory() const { return {}; }
  virtual void recall(std::vector<std::string> memory) { (void)memory; }
  virtual bool lacks(const std::string& subject) const { return (void)subject, false; }
};

}  // namespace sockwatch
