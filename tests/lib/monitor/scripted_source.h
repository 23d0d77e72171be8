// SPDX-License-Identifier: Apache-2.0
// A source that tells what a test has written down, look by look.
#pragma once

#include <deque>
#include <stdexcept>
#include <utility>
#include <vector>

#include "lib/model/source.h"

namespace sockwatch {

struct ScriptedLook {
  std::vector<SocketRecord> records;  // handed out in the last step
  LookReport report;
  int steps = 1;
};

inline LookReport all_complete() {
  LookReport report;
  report.complete.fill(true);
  return report;
}

inline LookReport blind(std::string what, std::string why) {
  LookReport report;
  report.unseen = {{std::move(what), std::move(why)}};
  return report;
}

class ScriptedSource final : public Source {
 public:
  void add(std::vector<SocketRecord> records, LookReport report = all_complete(), int steps = 1) {
    script_.push_back({std::move(records), std::move(report), steps});
  }

  void start(LookKind kind, Instant) override {
    if (script_.empty()) throw std::logic_error("a look more than the test has written down");
    look_ = std::move(script_.front());
    script_.pop_front();
    kinds.push_back(kind);
  }
  bool step(RecordSink& sink, int) override {
    if (--look_.steps > 0) return true;
    for (const SocketRecord& record : look_.records) sink.accept(record);
    return false;
  }
  const LookReport& report() const override { return look_.report; }

  std::vector<LookKind> kinds;  // of the looks so far

 private:
  std::deque<ScriptedLook> script_;
  ScriptedLook look_;
};

}  // namespace sockwatch
