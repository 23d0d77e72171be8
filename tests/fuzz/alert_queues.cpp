// SPDX-License-Identifier: Apache-2.0
// Alerts that waited over a restart. What can be restored must be kept or sent, never invented.
#include <set>

#include "lib/alert/alertmanager.h"
#include "lib/alert/delivery.h"
#include "lib/alert/saved_queues.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace sockwatch;

class Away final : public AlertSink {
 public:
  AlertSinkKind kind() const override { return AlertSinkKind::Journal; }
  std::string render(const Alert& alert) const override { return alert.message; }
  SendOutcome send(std::string_view) override { return SendOutcome::TryAgain; }
};

Delivery delivery() {
  std::vector<std::unique_ptr<AlertSink>> sinks;
  sinks.push_back(std::make_unique<Away>());
  return Delivery(std::move(sinks), {16, 4096});
}

Alertmanager alertmanager() {
  return Alertmanager({{}, "", std::chrono::minutes(1), [] { return std::set<std::string>(); }});
}

// Whatever is in them, entries make a body or none, and what is remembered is remembered again.
void read_entries(const std::vector<std::string>& entries) {
  Alertmanager form = alertmanager();
  form.recall(entries);
  Alertmanager again = alertmanager();
  again.recall(form.memory());
  fuzz::require(again.memory() == form.memory());
  for (const std::string& entry : entries) {
    const auto body = form.body(entry, {});
    fuzz::require(!body || body->empty() || (body->starts_with("[{") && body->ends_with("}]")));
    form.settled(entry, SendOutcome::Sent, {});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text(data, size);
  const auto queues = decode(text);
  if (queues.ok()) {
    fuzz::require(encode(*queues) == text);
    for (const SavedQueue& queue : *queues) read_entries(queue.entries);
  }

  Delivery first = delivery();
  const bool restored = first.restore(text).ok();
  fuzz::require(restored == queues.ok());
  first.flush({});
  const std::string saved = first.serialize();
  Delivery second = delivery();
  fuzz::require(second.restore(saved).ok());
  fuzz::require(second.waiting() == first.waiting());
  return 0;
}
