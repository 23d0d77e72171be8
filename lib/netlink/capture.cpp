// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/capture.h"

#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

namespace sockwatch {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the capture format is written as it lies in memory");

constexpr std::string_view kMagic = "sockwatch-capture 1\n";
constexpr std::size_t kBlockHeader = 1 + 8 + 8 + 4;
constexpr std::uint32_t kLongestBlock = 16 * 1024 * 1024;
constexpr std::size_t kLargestFile = std::size_t{1} << 31;

struct Block {
  char kind;
  std::int64_t wall_ns;
  std::uint64_t name_space;
  Bytes bytes;
};

Error damaged(std::size_t offset, std::string_view what) {
  return {"capture, byte " + std::to_string(offset) + ": " + std::string(what)};
}

std::optional<Block> first_block(Bytes rest) {
  if (rest.size() < kBlockHeader) return std::nullopt;
  const std::uint32_t length = *read_struct<std::uint32_t>(rest.subspan(17));
  if (length > kLongestBlock || length > rest.size() - kBlockHeader) return std::nullopt;
  return Block{static_cast<char>(rest[0]), *read_struct<std::int64_t>(rest.subspan(1)),
               *read_struct<std::uint64_t>(rest.subspan(9)), rest.subspan(kBlockHeader, length)};
}

std::vector<std::byte> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

// Empty on success, else what is wrong with the block.
std::string_view apply(const Block& block, Capture& capture) {
  if (block.kind == 'L') {
    if (block.bytes.size() != 1 || std::to_integer<unsigned>(block.bytes[0]) >= kWordCount<LookKind>) {
      return "a look of unknown kind, expected 0 (listeners) or 1 (connections)";
    }
    capture.looks.push_back({static_cast<LookKind>(block.bytes[0]),
                             WallTime(Duration(block.wall_ns)),
                             NamespaceId{block.name_space},
                             {}});
    return {};
  }
  if (capture.looks.empty()) return "a block before the first look";
  auto& exchanges = capture.looks.back().exchanges;
  if (block.kind == 'Q') {
    exchanges.push_back({copy(block.bytes), {}});
    return {};
  }
  if (exchanges.empty()) return "a reply before the first request";
  if (block.kind == 'R') {
    exchanges.back().replies.push_back({copy(block.bytes), 0});
    return {};
  }
  if (block.kind == 'E' && block.bytes.size() == 4) {
    exchanges.back().replies.push_back({{}, *read_struct<std::int32_t>(block.bytes)});
    return {};
  }
  return "a block of unknown kind, expected L, Q, R or E";
}

// What a bare recording says of its own completeness.
class BareDumps {
 public:
  void take(const Message& message) {
    open_ = !message.ends_dump();
    if (message.was_interrupted()) note("a dump in it was interrupted by a change");
    if (message.ends_dump()) {
      ++ended_;
      if (message.error() != 0) note("a dump in it failed");
    } else if (message.is_error()) {
      if (message.error() != 0) note("a dump in it failed");
    } else if (!is_inet_diag(message)) {
      note("it holds messages of another kind");
    } else if (const auto socket = read_struct<inet_diag_msg>(message.payload)) {
      families_.insert(socket->idiag_family);
      ++sockets_;
    } else {
      note("a message in it is too short");
    }
  }
  void cut() { note("it is cut in the middle of a message"); }

  bool holds_anything() const { return sockets_ + ended_ > 0; }
  // ss asks for IPv4 and then for IPv6, and each dump has an end.
  std::vector<std::uint8_t> families() const {
    if (ended_ > 1) return {AF_INET, AF_INET6};
    if (families_.size() == 1) return {*families_.begin()};
    return {AF_INET};
  }
  std::string damage() const {
    if (damage_.empty() && (open_ || ended_ < families_.size()))
      return "its last dump has no end: it was cut";
    return damage_;
  }

 private:
  void note(std::string_view what) {
    if (damage_.empty()) damage_ = what;
  }

  std::string damage_;
  std::set<std::uint8_t> families_;
  std::size_t sockets_ = 0;
  std::size_t ended_ = 0;
  bool open_ = true;
};

Result<Capture> parse_bare(Bytes file) {
  MessageWalk walk(file);
  BareDumps dumps;
  while (const auto message = walk.next()) dumps.take(*message);
  if (walk.malformed()) dumps.cut();
  if (!dumps.holds_anything()) {
    return damaged(0, "neither a sockwatch capture nor netlink messages as written by ss -D");
  }
  Capture capture;
  capture.bare = true;
  capture.damage = dumps.damage();
  capture.dumped = dumps.families();
  capture.looks.push_back({LookKind::Listeners, WallTime{}, NamespaceId{}, {{{}, {{copy(file), 0}}}}});
  return capture;
}

struct CloseFile {
  void operator()(FILE* file) const { (void)std::fclose(file); }  // read only: nothing to lose
};

}  // namespace

bool is_inet_diag(const Message& message) {
  constexpr std::uint16_t kBefore33 = 18;  // TCPDIAG_GETSOCK: the same body (linux/inet_diag.h)
  return message.type == SOCK_DIAG_BY_FAMILY || message.type == kBefore33;
}

Result<Capture> parse_capture(Bytes file) {
  const bool ours =
      file.size() >= kMagic.size() && std::memcmp(file.data(), kMagic.data(), kMagic.size()) == 0;
  if (!ours) return parse_bare(file);
  Capture capture;
  std::size_t offset = kMagic.size();
  while (const auto block = first_block(file.subspan(offset))) {
    if (const auto wrong = apply(*block, capture); !wrong.empty()) return damaged(offset, wrong);
    offset += kBlockHeader + block->bytes.size();
  }
  if (capture.looks.empty()) return damaged(offset, "no look in it");
  capture.cut_short = offset < file.size();
  return capture;
}

Result<Capture> read_capture(const std::string& path) {
  const std::unique_ptr<FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return Error::from_errno("open " + path, errno);
  std::vector<std::byte> bytes;
  std::array<std::byte, 64 * 1024> part;
  std::size_t length = 0;
  while ((length = std::fread(part.data(), 1, part.size(), file.get())) > 0) {
    bytes.insert(bytes.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(length));
    if (bytes.size() > kLargestFile) return Error{path + ": larger than 2 GiB, expected a capture"};
  }
  if (std::ferror(file.get()) != 0) return Error::from_errno("read " + path, errno);
  auto capture = parse_capture(bytes);
  if (!capture.ok()) return capture.error().within(path);
  return capture;
}

Result<CaptureWriter> CaptureWriter::create(const std::string& path) {
  // 0600: it shows every peer this machine talks to.
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid()) return Error::from_errno("create " + path, errno);
  if (::write(fd.get(), kMagic.data(), kMagic.size()) != static_cast<ssize_t>(kMagic.size())) {
    return Error::from_errno("write " + path, errno);
  }
  return CaptureWriter(std::move(fd));
}

void CaptureWriter::block(char kind, Bytes bytes) {
  if (!status_.ok() || bytes.size() > kLongestBlock) return;
  std::vector<std::byte> out(kBlockHeader + bytes.size());
  const auto length = static_cast<std::uint32_t>(bytes.size());
  out[0] = static_cast<std::byte>(kind);
  std::memcpy(&out[1], &wall_ns_, 8);
  std::memcpy(&out[9], &name_space_, 8);
  std::memcpy(&out[17], &length, 4);
  if (!bytes.empty()) std::memcpy(&out[kBlockHeader], bytes.data(), bytes.size());
  const ssize_t written = ::write(fd_.get(), out.data(), out.size());
  if (written != static_cast<ssize_t>(out.size())) {
    status_ = Error::from_errno("write capture", written < 0 ? errno : ENOSPC);
  }
}

void CaptureWriter::look(LookKind kind, WallTime time, NamespaceId name_space) {
  wall_ns_ = time.time_since_epoch().count();
  name_space_ = static_cast<std::uint64_t>(name_space);
  const auto byte = static_cast<std::byte>(kind);
  block('L', Bytes(&byte, 1));
}

void CaptureWriter::request(Bytes request) {
  block('Q', request);
}
void CaptureWriter::reply(Bytes datagram) {
  block('R', datagram);
}
void CaptureWriter::receive_error(int code) {
  std::array<std::byte, 4> bytes;
  std::memcpy(bytes.data(), &code, 4);
  block('E', bytes);
}

}  // namespace sockwatch
