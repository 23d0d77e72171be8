// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/replay_source.h"

namespace sockwatch {
namespace {

// A bare recording has one look that answers both questions.
std::vector<Protocol> families_of(const Capture& capture, const std::vector<Protocol>& wanted) {
  return capture.bare ? std::vector<Protocol>{Protocol::Tcp} : wanted;
}

}  // namespace

Result<std::unique_ptr<ReplaySource>> ReplaySource::open(const std::string& file,
                                                         const std::vector<Protocol>& families) {
  auto capture = read_capture(file);
  if (!capture.ok()) return capture.error();
  if (capture->bare) {
    capture->looks.push_back(capture->looks.front());
    capture->looks.back().kind = LookKind::Connections;
  }
  return std::unique_ptr<ReplaySource>(new ReplaySource(*std::move(capture), families));
}

ReplaySource::ReplaySource(Capture capture, const std::vector<Protocol>& families)
    : capture_(std::move(capture)),
      channel_(capture_),
      sock_diag_(channel_, families_of(capture_, families)) {}

std::optional<ReplaySource::Next> ReplaySource::next() const {
  if (next_ == capture_.looks.size()) return std::nullopt;
  const RecordedLook& look = capture_.looks[next_];
  // Both clocks run by the recording's wall clock: nothing else was written down.
  return Next{look.kind, {MonotonicTime(look.time.time_since_epoch()), look.time}};
}

void ReplaySource::start(LookKind kind, Instant) {
  channel_.play(next_++);
  sock_diag_.start(kind, Breadth::Lists);  // of what the recording holds
}

}  // namespace sockwatch
