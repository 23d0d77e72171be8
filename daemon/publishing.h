// SPDX-License-Identifier: Apache-2.0
// What every part knows, as one View for the readers, and as a line for the service manager. Loop thread
// only.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "daemon/alerting.h"
#include "daemon/polling.h"
#include "lib/base/clock.h"
#include "lib/model/view.h"
#include "lib/monitor/family_sight.h"
#include "lib/monitor/monitor.h"
#include "lib/web/view_board.h"

namespace sockwatch {

// How sockets are read on this machine.
struct SocketFacts {
  SocketSource source;
  const FamilySight& families;
};
// Adds them to what a monitor knows.
void add_facts(View& view, const SocketFacts& facts);

class Publishing {
 public:
  // All of them outlive it.
  struct Parts {
    Monitor& monitor;
    Alerting& alerting;
    const Polling& polling;
    ViewBoard& board;
    const Clock& clock;
    std::function<SocketFacts()> sockets;
    std::function<void()> published;  // readers may be waiting
  };
  explicit Publishing(Parts parts) : parts_(std::move(parts)) {}

  // What only changes now and then; in the next view.
  ConfigStatus config;  // without what the monitor knows of the policy
  EventSource event_source = EventSource::Poll;
  OwnerSource owner_source = OwnerSource::Proc;
  PerWord<ConnectionSource, bool> connection_sources{};

  void publish();
  // Where nothing has changed, once a second is enough.
  void publish_if_due();
  // Of the last view.
  std::string status() const;

 private:
  View assemble(Instant now);
  void warn_once(const FamilySight& sight);

  Parts parts_;
  std::optional<MonotonicTime> published_;
  std::set<std::string> said_;  // what cannot be seen
};

}  // namespace sockwatch
