// SPDX-License-Identifier: Apache-2.0
// What one look at the kernel found, and how much of it can be relied on.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// The two looks: listeners are polled often and cost little; everything else seldom, at the price of a walk
// over all connections of the machine.
enum class LookKind : std::uint8_t { Listeners, Connections };
template <>
struct Words<LookKind> {
  static constexpr std::array<std::string_view, 2> values = {"listeners", "connections"};
};

enum class LookResult : std::uint8_t { Complete, Partial, Failed, Skipped };
template <>
struct Words<LookResult> {
  static constexpr std::array<std::string_view, 4> values = {"complete", "partial", "failed", "skipped"};
};

// One part of the machine that a look did not see.
struct Unseen {
  std::string what;  // "tcp sockets over IPv6"
  std::string why;

  friend bool operator==(const Unseen&, const Unseen&) = default;
};

// Listeners of one look, sorted by key and cookie, each socket once. Immutable once built.
struct Snapshot {
  Instant time;
  std::vector<SocketRecord> listeners;
  // Protocols whose dump ended well everywhere: only there does absence mean anything.
  std::array<bool, kWordCount<Protocol>> complete{};
  // Namespaces in which it does not mean that; sorted.
  std::vector<NamespaceId> torn;
  bool whole = false;  // no dump failed
  // Sockets that were shown and are counted only, for want of room; sorted.
  std::vector<SocketId> turned_away;

  // What is not among the listeners is not there.
  bool proves_absence(NamespaceId name_space, Protocol protocol) const {
    return complete[static_cast<std::size_t>(protocol)] &&
           !std::binary_search(torn.begin(), torn.end(), name_space);
  }
};

}  // namespace sockwatch
