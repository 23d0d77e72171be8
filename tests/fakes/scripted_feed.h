// SPDX-License-Identifier: Apache-2.0
// An event source that tells what a test wrote down for it.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/model/event_source.h"

namespace sockwatch {

// One event a drain(), the first of them again and again where it is endless.
class ScriptedFeed final : public EventFeed {
 public:
  std::vector<SocketEvent> waiting;
  bool endless = false;
  std::uint64_t lost_events = 0;

  EventSource kind() const override { return EventSource::Bpf; }
  int fd() const override { return -1; }
  bool drain(EventSink& sink) override {
    if (waiting.empty()) return false;
    sink.accept(waiting.front());
    if (!endless) waiting.erase(waiting.begin());
    return true;
  }
  bool hears_everything() const override { return true; }
  std::uint64_t lost() const override { return lost_events; }
};

}  // namespace sockwatch
