// SPDX-License-Identifier: Apache-2.0
// Stands in for port_walker.cpp where the programs could not be built: opening it says so.
#include "lib/bpf/built_without.h"
#include "lib/bpf/port_walker.h"

namespace sockwatch {

void PortWalker::Free::operator()(port_walk*) const {}

PortWalker::~PortWalker() = default;

Result<std::unique_ptr<PortWalker>> PortWalker::open() {
  return Error{kBuiltWithoutBpf};
}

Result<std::vector<PortClaim>> PortWalker::ask() {
  return Error{kBuiltWithoutBpf};
}

}  // namespace sockwatch
