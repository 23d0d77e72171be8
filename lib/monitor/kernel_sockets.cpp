// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/kernel_sockets.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sockwatch {
namespace {

// Sockets of a namespace are asked about together, and again while an owner is sought.
constexpr Duration kValid = std::chrono::seconds(1);

}  // namespace

void KernelSockets::open() {
  if (std::exchange(opened_, true)) return;
  if (auto programs = KernelSocketWalk::open(); programs.ok()) programs_ = *std::move(programs);
}

std::optional<bool> KernelSockets::is_kernel_socket(const SocketRecord& socket) {
  const bool walked = socket.protocol == Protocol::Tcp || socket.protocol == Protocol::Udp;
  // The kernel's own part of an MPTCP socket is the program's.
  if (!walked || socket.mptcp || socket.id.cookie == 0) return std::nullopt;
  open();
  if (!programs_) return std::nullopt;
  const MonotonicTime now = clock_.now().monotonic;
  const auto [entry, first] = walked_.try_emplace(socket.id.name_space);
  if (first || now - entry->second.when >= kValid) entry->second = {now, walk(socket.id.name_space)};
  const auto& cookies = entry->second.cookies;
  std::optional<bool> answer;
  if (cookies) answer = std::binary_search(cookies->begin(), cookies->end(), socket.id.cookie);
  std::erase_if(walked_, [now](const auto& each) { return now - each.second.when >= kValid; });
  return answer;
}

std::optional<std::vector<std::uint64_t>> KernelSockets::walk(NamespaceId where) {
  Result<KernelSocketWalk::Begun> begun = Error{"not entered"};
  if (where == own_) {
    begun = programs_->begin();
  } else if (roster_ != nullptr) {
    for (const std::uint64_t inode : roster_->inodes()) {
      if (roster_->id_of(inode) != where) continue;
      (void)roster_->enter(inode, [&] { begun = programs_->begin(); });  // where it fails, nothing has begun
    }
  }
  if (!begun.ok()) return std::nullopt;
  auto cookies = KernelSocketWalk::finish(*std::move(begun));
  if (!cookies.ok()) return std::nullopt;
  return *std::move(cookies);
}

}  // namespace sockwatch
