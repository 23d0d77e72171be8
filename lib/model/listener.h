// SPDX-License-Identifier: Apache-2.0
// One place that waits for connections or datagrams, with everything known about it. The key survives a
// restart of the program behind it; the member sockets do not.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/annotation.h"
#include "lib/model/event_source.h"
#include "lib/model/socket_record.h"
#include "lib/model/verdict.h"

namespace sockwatch {

struct ListenerKey {
  NamespaceId name_space{};
  Protocol protocol = Protocol::Tcp;
  Endpoint local;
  SocketType type = SocketType::None;  // "@name" can be taken once a type
  bool promiscuous = false;            // what turns so is another listener, not the old one changed

  friend auto operator<=>(const ListenerKey&, const ListenerKey&) = default;
};

inline ListenerKey key_of(const SocketRecord& record) {
  return {record.id.name_space, record.protocol, record.local, record.type, record.promiscuous};
}

// A key's fields, to compare records and keys without a copy of their texts. In the order of ListenerKey.
inline auto key_fields(const ListenerKey& key) {
  return std::tie(key.name_space, key.protocol, key.local, key.type, key.promiscuous);
}
inline auto key_fields(const SocketRecord& record) {
  return std::tie(record.id.name_space, record.protocol, record.local, record.type, record.promiscuous);
}

struct Listener {
  ListenerKey key;
  // As the kernel last told them, in the order they were met; several with SO_REUSEPORT. Never empty.
  std::vector<SocketRecord> members;
  Annotation annotation;
  Verdict verdict;
  Instant first_seen;             // of the key, across restarts of the program and of sockwatch
  Instant opened;                 // of the present members: when first seen; an upper bound of bind(2)
  std::optional<Instant> closed;  // when it was found gone
  MonotonicTime taken{};          // when the ledger took in the present members; 0 where an earlier run did
  EventSource seen_by = EventSource::Poll;  // what told of the present members first
  std::optional<WallTime> last_connection;  // when a connection to it was last seen
  std::uint64_t drops_total = 0;            // over all sockets this key ever had

  // While the verdict waits: the last one that was decided, on this key's sockets before.
  std::optional<Verdict> decided;

  // What was noted about it and still holds: see lib/watch/lifecycle.h.
  std::optional<Owner> predecessor;  // whose it was, while it is not clear whose it is now
  std::vector<Owner> sharers;        // second owners that were told
  bool exposed = false;              // plaintext in wide reach was told

  Bind bind() const { return members.front().bind; }
  // As it is shown: what speaks MPTCP is a TCP listener to the kernel's tables, to events and to restarts.
  Protocol protocol() const {
    const bool mptcp =
        std::any_of(members.begin(), members.end(), [](const SocketRecord& m) { return m.mptcp; });
    return mptcp ? Protocol::Mptcp : key.protocol;
  }
  // UNIX, packet and raw sockets, of which every machine has hundreds, are counted and shown on request, but
  // nobody hears of one by one unless a rule wants it.
  bool only_counted() const { return !has_port(key.protocol) && verdict.kind == VerdictKind::Ignored; }
  // A wildcard IPv6 listener without IPV6_V6ONLY takes IPv4 too, and the kernel shows no IPv4 record for it.
  bool covers_ipv4() const {
    return may_be_v6only() &&
           std::any_of(members.begin(), members.end(), [](const SocketRecord& m) { return !m.v6only; });
  }
  // IPV6_V6ONLY makes a difference to it.
  bool may_be_v6only() const {
    return has_port(key.protocol) && has_ip_address(key.protocol) &&
           key.local.address.family == IpFamily::V6 && key.local.address.is_unspecified();
  }
  // Whether any socket here is; nothing where the kernel does not tell of one and no other is.
  std::optional<bool> transparent() const {
    std::optional<bool> all = false;
    for (const SocketRecord& member : members) {
      if (member.transparent == true) return true;
      if (!member.transparent) all.reset();
    }
    return all;
  }
  std::uint64_t queue_length() const { return sum(&SocketRecord::receive_queue); }
  std::uint64_t queue_limit() const { return sum(&SocketRecord::send_queue); }

 private:
  std::uint64_t sum(std::uint32_t SocketRecord::*field) const {
    std::uint64_t total = 0;
    for (const SocketRecord& member : members) total += member.*field;
    return total;
  }
};

}  // namespace sockwatch
