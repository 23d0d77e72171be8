// SPDX-License-Identifier: Apache-2.0
// Alerts into the journal: what is about a unit by way of the relay, so that `journalctl -u UNIT` finds it;
// all else, and everything where there is no relay, straight. One thread.
#pragma once

#include <string>

#include "lib/alert/alert_sink.h"
#include "lib/alert/journal_relay.h"
#include "lib/alert/journal_socket.h"

namespace sockwatch {

class JournalSink final : public AlertSink {
 public:
  explicit JournalSink(std::string journal = kJournalSocket, std::string relay = kRelaySocket);

  AlertSinkKind kind() const override { return AlertSinkKind::Journal; }
  std::string render(const Alert& alert) const override;
  SendOutcome send(std::string_view entry) override;
  // The relay is waited for, 10 ms at most.
  std::size_t at_once() const override { return 2; }

 private:
  JournalSocket journal_;
  JournalRelay relay_;
};

}  // namespace sockwatch
