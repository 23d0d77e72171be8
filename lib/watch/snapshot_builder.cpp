// SPDX-License-Identifier: Apache-2.0
#include "lib/watch/snapshot_builder.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "lib/model/listener.h"

namespace sockwatch {
namespace {

bool before(const SocketRecord& a, const SocketRecord& b) {
  const auto order = key_fields(a) <=> key_fields(b);
  return order != 0 ? order < 0 : a.id < b.id;
}

bool same_socket(const SocketRecord& a, const SocketRecord& b) {
  return a.id == b.id && key_fields(a) == key_fields(b);
}

auto file_of(const SocketRecord& record) {
  return std::pair(record.id.name_space, record.inode);
}

}  // namespace

void SnapshotBuilder::start(Intake* intake) {
  intake_ = intake;
  snapshot_.listeners.clear();
  snapshot_.complete = {};
  snapshot_.torn.clear();
  snapshot_.whole = false;
  snapshot_.turned_away.clear();
  mptcp_.clear();
  promiscuous_.clear();
}

void SnapshotBuilder::accept(const SocketRecord& record) {
  // Also where it receives nothing itself.
  for (const std::uint32_t interface : record.promiscuous_on) {
    if (interface != 0) promiscuous_.emplace_back(record.id.name_space, interface);
  }
  if (!is_listener(record)) return;
  if (intake_ != nullptr && !intake_->admits(record, snapshot_.listeners)) return;
  (record.protocol == Protocol::Mptcp ? mptcp_ : snapshot_.listeners).push_back(record);
}

// The kernel lists one listener under both protocols, with one inode. It goes by its TCP socket, whose cookie
// is that of events. Where TCP is not looked at, it stands for itself.
void SnapshotBuilder::merge_mptcp() {
  if (mptcp_.empty()) return;
  const auto by_file = [](const SocketRecord& a, const SocketRecord& b) { return file_of(a) < file_of(b); };
  std::sort(mptcp_.begin(), mptcp_.end(), by_file);
  std::vector<bool> has_twin(mptcp_.size(), false);
  for (SocketRecord& tcp : snapshot_.listeners) {
    if (tcp.protocol != Protocol::Tcp || tcp.inode == 0) continue;
    const auto [first, last] = std::equal_range(mptcp_.begin(), mptcp_.end(), tcp, by_file);
    tcp.mptcp = tcp.mptcp || first != last;
    std::fill(has_twin.begin() + (first - mptcp_.begin()), has_twin.begin() + (last - mptcp_.begin()), true);
  }
  for (std::size_t i = 0; i < mptcp_.size(); ++i) {
    if (!has_twin[i]) snapshot_.listeners.push_back(std::move(mptcp_[i]));
  }
}

// What one socket asks of an interface, all that read there get (packet(7)): the kernel counts who asks, and
// hands everything to each socket that takes every protocol.
void SnapshotBuilder::spread_promiscuity() {
  if (promiscuous_.empty()) return;
  std::sort(promiscuous_.begin(), promiscuous_.end());
  const auto is_promiscuous = [this](NamespaceId space, std::uint32_t interface) {
    return std::binary_search(promiscuous_.begin(), promiscuous_.end(), std::pair(space, interface));
  };
  constexpr std::uint32_t kEveryProtocol = 0x0003;  // ETH_P_ALL
  for (SocketRecord& record : snapshot_.listeners) {
    if (record.protocol != Protocol::Packet || record.local.port != kEveryProtocol) continue;
    const NamespaceId space = record.id.name_space;
    const std::uint32_t interface = record.local.interface_index;
    const auto any = std::lower_bound(promiscuous_.begin(), promiscuous_.end(), std::pair(space, 0U));
    const bool somewhere = any != promiscuous_.end() && any->first == space;
    record.promiscuous = record.promiscuous || (interface == 0 && somewhere) ||
                         is_promiscuous(space, interface) || is_promiscuous(space, kEveryInterface);
  }
}

Snapshot& SnapshotBuilder::finish(Instant time) {
  merge_mptcp();
  spread_promiscuity();
  auto& found = snapshot_.listeners;
  std::sort(found.begin(), found.end(), before);
  // The kernel sends a socket twice when the table changes under the dump, and never says so.
  found.erase(std::unique(found.begin(), found.end(), same_socket), found.end());
  snapshot_.time = time;
  return snapshot_;
}

}  // namespace sockwatch
