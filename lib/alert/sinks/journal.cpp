// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/journal.h"

#include <utility>

#include "lib/alert/journal_entry.h"

namespace sockwatch {

JournalSink::JournalSink(std::string journal, std::string relay)
    : journal_(std::move(journal)), relay_(std::move(relay)) {}

std::string JournalSink::render(const Alert& alert) const {
  return journal_entry(alert);
}

SendOutcome JournalSink::send(std::string_view entry) {
  if (is_about_a_unit(entry)) {
    const JournalRelay::Outcome outcome = relay_.pass(entry);
    if (outcome == JournalRelay::Outcome::Passed) return SendOutcome::Sent;
    if (outcome == JournalRelay::Outcome::Pending) return SendOutcome::TryAgain;
  }
  return journal_.send(entry);
}

}  // namespace sockwatch
