// SPDX-License-Identifier: Apache-2.0
// Stands in for bpf_source.cpp where the programs could not be built: opening it says so.
#include "lib/bpf/bpf_source.h"

#include "lib/bpf/built_without.h"

namespace sockwatch {

void BpfSource::Free::operator()(listen_events*) const {}

BpfSource::~BpfSource() = default;

Result<std::unique_ptr<BpfSource>> BpfSource::open(const Options&) {
  return Error{kBuiltWithoutBpf};
}

int BpfSource::fd() const {
  return -1;
}
bool BpfSource::drain(EventSink&) {
  return false;
}
std::uint64_t BpfSource::lost() const {
  return 0;
}
std::optional<EventLoss> BpfSource::lost_most() const {
  return std::nullopt;
}

}  // namespace sockwatch
