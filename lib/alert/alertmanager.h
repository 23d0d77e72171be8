// SPDX-License-Identifier: Apache-2.0
// Alerts for Alertmanager's v2 API (https://github.com/prometheus/alertmanager, api/v2/openapi.yaml). It
// keeps what is firing and forgets it at its endsAt, so what stands is told again and again, each time with
// an end a few intervals ahead: an alert ends by itself when we are gone for good, and never because the
// receiver's resolve_timeout is short.
//
// Labels are bounded and the same for one thing at every time: no pid, no handed-out port, no session. All
// else that is known is in the annotations.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/alert/webhook_form.h"

namespace sockwatch {

class Alertmanager final : public WebhookForm {
 public:
  struct Options {
    WebhookLabels labels;  // of every alert: the machine's "instance" and whatever else
    std::string generator_url;
    Duration resend_interval = std::chrono::minutes(1);
    // Subjects of what stands right now; asked once an interval. What is cleared without a word, because the
    // policy expects it from now on, is no longer repeated and so ends.
    std::function<std::set<std::string>()> standing;
  };

  explicit Alertmanager(Options options) : options_(std::move(options)) {}

  std::string render(const Alert& alert) const override;
  std::optional<std::string> body(std::string_view entry, Instant now) override;
  void settled(std::string_view entry, SendOutcome outcome, Instant now) override;

  std::optional<MonotonicTime> next_repeat() const override;
  std::string repetition() const override;
  std::vector<std::string> memory() const override;
  void recall(std::vector<std::string> memory) override;
  bool lacks(const std::string& subject) const override { return !raised_.contains(subject); }

 private:
  // What the receiver was told and has not been told the end of.
  struct Raised {
    std::string starts;
    std::string alert;    // JSON without its end
    WallTime accepted{};  // 0: by an earlier run
    bool stood = true;    // at the last repetition
  };

  static constexpr std::size_t kMostAtOnce = 1000;

  std::string alert_of(const Alert& alert) const;
  std::string raising(const std::string& subject, const Raised& fresh, Instant now) const;
  std::string ending(const std::string& subject, const std::string& ended) const;
  std::string repeating(Instant now);
  void repeated(SendOutcome outcome, Instant now);
  void end_round(Instant now);

  Options options_;
  std::map<std::string, Raised> raised_;  // by subject
  MonotonicTime next_repeat_{};
  // A repetition is a round over all that stands, in as few bodies as the receiver takes.
  std::vector<std::string> round_;  // subjects still to be repeated; empty between rounds
  std::size_t batch_ = kMostAtOnce;
  bool shrunk_ = false;           // in this round
  int vain_ = 0;                  // single alerts in a row that were refused in it
  bool paused_ = false;           // because of them
  std::set<std::string> single_;  // subjects that are told alone, because two in one body were refused
};

}  // namespace sockwatch
