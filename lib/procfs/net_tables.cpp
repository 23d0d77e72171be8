// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/net_tables.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "lib/base/text.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

// Places of the columns (net/ipv4/tcp_ipv4.c, udp.c); two names of the heading share one column.
constexpr std::size_t kLocal = 1;
constexpr std::size_t kRemote = 2;
constexpr std::size_t kStateColumn = 3;
constexpr std::size_t kQueues = 4;
constexpr std::size_t kUid = 7;
constexpr std::size_t kInode = 9;
constexpr std::size_t kDrops = 12;  // UDP only
constexpr std::size_t kColumns = 13;

using Columns = std::array<std::string_view, kColumns>;

Columns split_columns(std::string_view line) {
  Columns columns;
  for (std::string_view& column : columns) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) break;
    line.remove_prefix(start);
    column = line.substr(0, line.find(' '));
    line.remove_prefix(column.size());
  }
  return columns;
}

template <typename Integer>
std::optional<Integer> parse_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits ? parse_integer<Integer>(text, 16) : std::nullopt;
}

// The kernel prints addresses as 32-bit words in the machine's byte order.
template <std::size_t Bytes>
std::optional<std::array<std::uint8_t, Bytes>> parse_address(std::string_view text) {
  std::array<std::uint8_t, Bytes> bytes{};
  if (text.size() != 2 * Bytes) return std::nullopt;
  for (std::size_t at = 0; at < Bytes; at += sizeof(std::uint32_t)) {
    const auto word = parse_hex<std::uint32_t>(text.substr(2 * at, 8), 8);
    if (!word) return std::nullopt;
    std::memcpy(bytes.data() + at, &*word, sizeof *word);
  }
  return bytes;
}

// "0100007F:0016".
std::optional<Endpoint> parse_endpoint(std::string_view text, IpFamily family) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_hex<std::uint16_t>(text.substr(colon + 1), 4);
  if (!port) return std::nullopt;
  if (family == IpFamily::V4) {
    const auto bytes = parse_address<4>(text.substr(0, colon));
    return bytes ? std::optional(Endpoint{IpAddress::v4(*bytes), *port, 0}) : std::nullopt;
  }
  const auto bytes = parse_address<16>(text.substr(0, colon));
  return bytes ? std::optional(Endpoint{IpAddress::v6(*bytes), *port, 0}) : std::nullopt;
}

// A line at a time out of a file of any size, with one buffer.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}

  // nullopt at the end; then failed() tells whether it was one. A line longer than the buffer comes in
  // pieces, none of which parses.
  std::optional<std::string_view> next() {
    for (;;) {
      const std::string_view held(buffer_.data() + begin_, end_ - begin_);
      const std::size_t newline = held.find('\n');
      if (newline != std::string_view::npos) {
        begin_ += newline + 1;
        return held.substr(0, newline);
      }
      if (!fill()) break;
    }
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    begin_ = end_;
    return rest.empty() ? std::nullopt : std::optional(rest);
  }
  int failed() const { return errno_; }

 private:
  // False at the end, on an error, and when a line leaves no room in the buffer.
  bool fill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    ssize_t n = 0;
    do {
      n = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
    } while (n < 0 && errno == EINTR);
    if (n < 0) errno_ = errno;
    if (n <= 0) return false;
    end_ += static_cast<std::size_t>(n);
    return true;
  }

  int fd_;
  int errno_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, 65536> buffer_;
};

std::optional<SocketRecord> parse_ip_line(std::string_view line, NetTable table) {
  const Columns columns = split_columns(line);
  const bool counts_drops = protocol_of(table) != Protocol::Tcp;
  const IpFamily family = word(table).ends_with('6') ? IpFamily::V6 : IpFamily::V4;

  const auto local = parse_endpoint(columns[kLocal], family);
  const auto remote = parse_endpoint(columns[kRemote], family);
  const auto state = parse_hex<std::uint8_t>(columns[kStateColumn], 2);
  const std::string_view queues = columns[kQueues];
  if (!local || !remote || !state || queues.size() != 17 || queues[8] != ':') return std::nullopt;
  const auto send_queue = parse_hex<std::uint32_t>(queues.substr(0, 8), 8);
  const auto receive_queue = parse_hex<std::uint32_t>(queues.substr(9), 8);
  const auto uid = parse_integer<std::uint32_t>(columns[kUid]);
  const auto inode = parse_integer<std::uint32_t>(columns[kInode]);
  const auto drops = counts_drops ? parse_integer<std::uint32_t>(columns[kDrops]) : 0U;
  if (!send_queue || !receive_queue || !uid || !inode || !drops) return std::nullopt;

  SocketRecord record;
  record.id.cookie = *inode;
  record.protocol = protocol_of(table);
  record.state = *state < kWordCount<SocketState> ? static_cast<SocketState>(*state) : SocketState::Unknown;
  // Bound, and neither listening nor connected.
  if (record.protocol == Protocol::Tcp && record.state == SocketState::Close)
    record.state = SocketState::BoundInactive;
  record.local = *local;
  record.remote = *remote;
  record.uid = *uid;
  record.inode = *inode;
  record.receive_queue = *receive_queue;
  record.send_queue = *send_queue;
  record.drops = *drops;
  record.drops_told = counts_drops;
  // Of a listener of TCP the send queue would be its limit, and is always 0.
  record.limit_told = record.state != SocketState::Listen;
  return record;
}

// "ffff8880 3      3    0003   1     1 0      0      4711" (net/packet/af_packet.c: packet_seq_show).
std::optional<SocketRecord> parse_packet_line(std::string_view line) {
  const Columns columns = split_columns(line);
  const auto type = parse_integer<std::uint32_t>(columns[2]);
  const auto ethertype = parse_hex<std::uint16_t>(columns[3], 4);
  const auto interface = parse_integer<std::int32_t>(columns[4]);  // -1: it was removed
  const auto queue = parse_integer<std::uint32_t>(columns[6]);
  const auto uid = parse_integer<std::uint32_t>(columns[7]);
  const auto inode = parse_integer<std::uint32_t>(columns[8]);
  if (!type || !ethertype || !interface || !queue || !uid || !inode) return std::nullopt;
  SocketRecord record;
  record.id.cookie = *inode;
  record.protocol = Protocol::Packet;
  record.type = *type == SOCK_DGRAM ? SocketType::Dgram : SocketType::Raw;
  record.local.port = *ethertype;
  record.local.interface_index = static_cast<std::uint32_t>(*interface);
  record.receive_queue = *queue;
  record.drops_told = false;
  record.uid = *uid;
  record.inode = *inode;
  return record;
}

SocketType unix_type_of(std::uint16_t type) {
  if (type == SOCK_STREAM) return SocketType::Stream;
  return type == SOCK_SEQPACKET ? SocketType::Seqpacket : SocketType::Dgram;
}

// "ffff8880: 00000002 00000000 00010000 0001 01 4711 /run/a.sock" (net/unix/af_unix.c: unix_seq_show). A name
// may hold anything: its NULs are shown as "@", and behind a newline the rest is lost.
std::optional<SocketRecord> parse_unix_line(std::string_view line) {
  constexpr std::uint32_t kAccepts = 0x10000;  // __SO_ACCEPTCON
  const Columns columns = split_columns(line);
  const auto flags = parse_hex<std::uint32_t>(columns[3], 8);
  const auto type = parse_hex<std::uint16_t>(columns[4], 4);
  const auto inode = parse_integer<std::uint32_t>(columns[6]);
  if (!flags || !type || !inode) return std::nullopt;
  SocketRecord record;
  record.id.cookie = *inode;
  record.protocol = Protocol::Unix;
  record.type = unix_type_of(*type);
  record.inode = *inode;
  record.uid_told = record.queue_told = record.limit_told = record.drops_told = false;
  record.state = (*flags & kAccepts) != 0           ? SocketState::Listen
                 : record.type == SocketType::Dgram ? SocketState::Close
                                                    : SocketState::Established;
  const auto name_at = static_cast<std::size_t>(columns[6].data() + columns[6].size() - line.data());
  if (name_at + 1 < line.size()) record.local.name = line.substr(name_at + 1);
  if (record.local.name.starts_with('@')) record.local.name.front() = '\0';
  record.bind = Bind::Explicit;
  return record;
}

}  // namespace

Protocol protocol_of(NetTable table) {
  switch (table) {
    case NetTable::Tcp:
    case NetTable::Tcp6:
      return Protocol::Tcp;
    case NetTable::Udp:
    case NetTable::Udp6:
      return Protocol::Udp;
    case NetTable::Udplite:
    case NetTable::Udplite6:
      return Protocol::Udplite;
    case NetTable::Packet:
      return Protocol::Packet;
    case NetTable::Unix:
      return Protocol::Unix;
    default:
      return Protocol::Raw;
  }
}

std::optional<SocketRecord> parse_net_line(std::string_view line, NetTable table) {
  if (table == NetTable::Packet) return parse_packet_line(line);
  if (table == NetTable::Unix) return parse_unix_line(line);
  auto record = parse_ip_line(line, table);
  if (!record || record->protocol != Protocol::Raw) return record;
  record->type = SocketType::Raw;
  // What /proc/net/icmp shows for a port is the number a ping goes by.
  if (table != NetTable::Icmp && table != NetTable::Icmp6) return record;
  record->type = SocketType::Dgram;
  record->local.port =
      std::uint32_t{table == NetTable::Icmp ? std::uint8_t{IPPROTO_ICMP} : std::uint8_t{IPPROTO_ICMPV6}};
  record->remote.port = 0;
  return record;
}

Result<NetTableStats> read_net_table(const Dir& proc_net, NetTable table, RecordSink& sink,
                                     NamespaceId name_space) {
  const std::string name(word(table));
  const std::string what = "read " + proc_net.path() + "/" + name;
  const UniqueFd file(::openat(proc_net.fd(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return Error::from_errno(what, errno);

  LineReader lines(file.get());
  NetTableStats stats;
  const auto heading = lines.next();
  while (const auto line = lines.next()) {
    auto record = parse_net_line(*line, table);
    if (!record) {
      ++stats.malformed;
      continue;
    }
    record->id.name_space = name_space;
    sink.accept(*record);
    ++stats.records;
  }
  if (lines.failed() != 0) return Error::from_errno(what, lines.failed());
  if (!heading) return Error{what + ": it is empty, without even a heading"};
  return stats;
}

}  // namespace sockwatch
