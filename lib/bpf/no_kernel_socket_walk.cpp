// SPDX-License-Identifier: Apache-2.0
// Stands in for kernel_socket_walk.cpp where the programs could not be built: opening it says so.
#include "lib/bpf/built_without.h"
#include "lib/bpf/kernel_socket_walk.h"

namespace sockwatch {

void KernelSocketWalk::Free::operator()(kernel_sockets*) const {}

KernelSocketWalk::~KernelSocketWalk() = default;

Result<std::unique_ptr<KernelSocketWalk>> KernelSocketWalk::open() {
  return Error{kBuiltWithoutBpf};
}

Result<KernelSocketWalk::Begun> KernelSocketWalk::begin() {
  return Error{kBuiltWithoutBpf};
}

Result<std::vector<std::uint64_t>> KernelSocketWalk::finish(Begun) {
  return Error{kBuiltWithoutBpf};
}

}  // namespace sockwatch
