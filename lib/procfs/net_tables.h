// SPDX-License-Identifier: Apache-2.0
// The socket tables of /proc/net, for kernels without sock_diag (gVisor, WSL 1), and for families that this
// kernel shows nowhere else. They tell less: no cookie (the inode stands in, and is 0 for sockets without a
// file, such as TIME_WAIT), no cgroup, no bind kind, no IPV6_V6ONLY (taken for off), no accept-queue limit,
// and drops for UDP only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/dir.h"
#include "lib/base/result.h"
#include "lib/base/words.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

enum class NetTable : std::uint8_t {
  Tcp,
  Tcp6,
  Udp,
  Udp6,
  Udplite,
  Udplite6,
  Raw,
  Raw6,
  Icmp,
  Icmp6,
  Packet,
  Unix
};
// The names of the files.
template <>
struct Words<NetTable> {
  static constexpr std::array<std::string_view, 12> values = {
      "tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6", "packet", "unix"};
};

// ICMP's sockets are raw ones that take one IP protocol.
Protocol protocol_of(NetTable table);

struct NetTableStats {
  std::uint64_t records = 0;
  std::uint64_t malformed = 0;  // lines that could not be read and were skipped
};

// One line below the heading. nullopt where it is malformed.
std::optional<SocketRecord> parse_net_line(std::string_view line, NetTable table);

// Hands the sink every socket of the table, which begins with a heading, with `name_space` as its namespace.
// `proc_net` is /proc/net. On an error in mid-read the records so far have been handed over.
Result<NetTableStats> read_net_table(const Dir& proc_net, NetTable table, RecordSink& sink,
                                     NamespaceId name_space = {});

}  // namespace sockwatch
