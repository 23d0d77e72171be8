// SPDX-License-Identifier: Apache-2.0
// Stands in for tcp_counter.cpp where the programs could not be built: opening it says so.
#include "lib/bpf/tcp_counter.h"

namespace sockwatch {
namespace {

constexpr const char* kWhy =
    "this sockwatchd was built without BPF (clang, bpftool and libbpf were not all there)";

}  // namespace

void TcpCounter::Free::operator()(tcp_counts*) const {}

TcpCounter::~TcpCounter() = default;

Result<std::unique_ptr<TcpCounter>> TcpCounter::open() {
  return Error{kWhy};
}

Result<std::unique_ptr<SocketCount>> TcpCounter::begin() {
  return Error{kWhy};
}

}  // namespace sockwatch
