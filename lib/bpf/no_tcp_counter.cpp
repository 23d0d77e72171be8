// SPDX-License-Identifier: Apache-2.0
// Stands in for tcp_counter.cpp where the programs could not be built: opening it says so.
#include "lib/bpf/tcp_counter.h"

#include "lib/bpf/built_without.h"

namespace sockwatch {

void TcpCounter::Free::operator()(tcp_counts*) const {}

TcpCounter::~TcpCounter() = default;

Result<std::unique_ptr<TcpCounter>> TcpCounter::open() {
  return Error{kBuiltWithoutBpf};
}

Result<std::unique_ptr<SocketCount>> TcpCounter::begin() {
  return Error{kBuiltWithoutBpf};
}

}  // namespace sockwatch
