// SPDX-License-Identifier: Apache-2.0
// Recordings of conversations with the kernel: the file format, written by --record and read by --replay.
//
//   file    = "sockwatch-capture 1\n" block*
//   block   = kind:u8 wall_ns:i64 name_space:u64 length:u32 bytes[length]      all little-endian, no padding
//   kind    = 'L' a look begins; one byte: 0 listeners, 1 connections
//             'Q' a request, as sent       'R' a reply datagram, as received
//             'E' a receive error; four bytes: errno
//
// The reader also takes the bare concatenation of netlink messages that `ss -D FILE` writes (TCP only), also
// those of a kernel before 3.3, whose messages are of another type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/model/snapshot.h"
#include "lib/netlink/message.h"

namespace sockwatch {

struct Exchange {
  std::vector<std::byte> request;
  struct Reply {
    std::vector<std::byte> datagram;
    int error = 0;  // errno instead of a datagram
  };
  std::vector<Reply> replies;
};

struct RecordedLook {
  LookKind kind = LookKind::Listeners;
  WallTime time;
  NamespaceId name_space{};
  std::vector<Exchange> exchanges;
};

struct Capture {
  bool bare = false;  // from `ss -D`: one look of one exchange without a request
  // Of a bare one: why it proves nothing about what it does not hold; empty where its dumps ended well.
  std::string damage{};
  // Of a bare one: the address families whose dumps it holds.
  std::vector<std::uint8_t> dumped{};
  bool cut_short =
      false;  // the last block was incomplete and is left out: the recorder was stopped in mid-write
  std::vector<RecordedLook> looks;
};

// Whether it tells of a socket of TCP, as kernels do since 3.3 or did before.
bool is_inet_diag(const Message& message);

// Bounds-checked; an error names the byte offset.
Result<Capture> parse_capture(Bytes file);
Result<Capture> read_capture(const std::string& path);

// Appends blocks to a file. Errors (a full disk) are kept and reported by status(): recording never stops the
// watch.
class CaptureWriter {
 public:
  static Result<CaptureWriter> create(const std::string& path);

  void look(LookKind kind, WallTime time, NamespaceId name_space);
  void request(Bytes request);
  void reply(Bytes datagram);
  void receive_error(int code);
  const Result<void>& status() const { return status_; }

 private:
  explicit CaptureWriter(UniqueFd fd) : fd_(std::move(fd)) {}
  void block(char kind, Bytes bytes);

  UniqueFd fd_;
  std::int64_t wall_ns_ = 0;
  std::uint64_t name_space_ = 0;
  Result<void> status_;
};

}  // namespace sockwatch
