// SPDX-License-Identifier: Apache-2.0
// Stands in for bpf_source.cpp where the programs could not be built: opening it says so.
#include "lib/bpf/bpf_source.h"

namespace sockwatch {

void BpfSource::Free::operator()(listen_events*) const {}

BpfSource::~BpfSource() = default;

Result<std::unique_ptr<BpfSource>> BpfSource::open(const Options&) {
  return Error{"this sockwatchd was built without BPF (clang, bpftool and libbpf were not all there)"};
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

}  // namespace sockwatch
