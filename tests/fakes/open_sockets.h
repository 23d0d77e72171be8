// SPDX-License-Identifier: Apache-2.0
// A source whose every poll shows what a test has open at that moment.
#pragma once

#include <utility>
#include <vector>

#include "lib/model/source.h"

namespace sockwatch {

class OpenSockets final : public Source {
 public:
  std::vector<SocketRecord> open;
  std::vector<Unseen> unseen;  // besides
  int polls = 0;

  void start(LookKind, Instant) override { ++polls; }
  bool step(RecordSink& sink, int) override {
    for (const SocketRecord& record : open) sink.accept(record);
    report_ = {};
    report_.complete.fill(unseen.empty());
    report_.unseen = unseen;
    return false;
  }
  const LookReport& report() const override { return report_; }

 private:
  LookReport report_;
};

}  // namespace sockwatch
