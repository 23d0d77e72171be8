// SPDX-License-Identifier: Apache-2.0
// A sink that remembers what it was sent and can be told to be away.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/alert/alert_sink.h"

namespace sockwatch {

// What the test keeps hold of while the queue owns the sink.
struct FakeReceiver {
  SendOutcome answer = SendOutcome::Sent;
  std::vector<std::string> got;
  std::size_t attempts = 0;
  std::string trouble;
  bool lacks = false;  // whatever it is asked about
};

class FakeSink final : public AlertSink {
 public:
  explicit FakeSink(std::shared_ptr<FakeReceiver> receiver, AlertSinkKind kind = AlertSinkKind::Journal)
      : receiver_(std::move(receiver)), kind_(kind) {}

  AlertSinkKind kind() const override { return kind_; }
  std::string render(const Alert& alert) const override { return alert.message; }
  SendOutcome send(std::string_view entry) override {
    ++receiver_->attempts;
    if (receiver_->answer == SendOutcome::Sent) receiver_->got.emplace_back(entry);
    return receiver_->answer;
  }
  std::string trouble() const override { return receiver_->trouble; }
  bool lacks(const std::string&) const override { return receiver_->lacks; }

 private:
  std::shared_ptr<FakeReceiver> receiver_;
  AlertSinkKind kind_;
};

}  // namespace sockwatch
