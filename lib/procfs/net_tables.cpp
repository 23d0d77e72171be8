// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/net_tables.h"

#include <fcntl.h>
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
constexpr std::size_t kState = 3;
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

}  // namespace

std::optional<SocketRecord> parse_net_line(std::string_view line, NetTable table) {
  const Columns columns = split_columns(line);
  const bool udp = table == NetTable::Udp || table == NetTable::Udp6;
  const IpFamily family = table == NetTable::Tcp6 || table == NetTable::Udp6 ? IpFamily::V6 : IpFamily::V4;

  const auto local = parse_endpoint(columns[kLocal], family);
  const auto remote = parse_endpoint(columns[kRemote], family);
  const auto state = parse_hex<std::uint8_t>(columns[kState], 2);
  const std::string_view queues = columns[kQueues];
  if (!local || !remote || !state || queues.size() != 17 || queues[8] != ':') return std::nullopt;
  const auto send_queue = parse_hex<std::uint32_t>(queues.substr(0, 8), 8);
  const auto receive_queue = parse_hex<std::uint32_t>(queues.substr(9), 8);
  const auto uid = parse_integer<std::uint32_t>(columns[kUid]);
  const auto inode = parse_integer<std::uint32_t>(columns[kInode]);
  const auto drops = udp ? parse_integer<std::uint32_t>(columns[kDrops]) : 0U;
  if (!send_queue || !receive_queue || !uid || !inode || !drops) return std::nullopt;

  SocketRecord record;
  record.id.cookie = *inode;
  record.protocol = udp ? Protocol::Udp : Protocol::Tcp;
  record.state = *state < kWordCount<SocketState> ? static_cast<SocketState>(*state) : SocketState::Unknown;
  record.local = *local;
  record.remote = *remote;
  record.uid = *uid;
  record.inode = *inode;
  record.receive_queue = *receive_queue;
  record.send_queue = *send_queue;
  record.drops = *drops;
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
  (void)lines.next();  // the heading
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
  return stats;
}

}  // namespace sockwatch
