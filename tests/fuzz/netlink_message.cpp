// SPDX-License-Identifier: Apache-2.0
// One datagram of anything, as the answer to every question of a look.
#include <cerrno>
#include <cstring>
#include <vector>

#include "lib/model/place.h"
#include "lib/netlink/sock_diag_source.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace sockwatch;

constexpr std::size_t kSequence = 8;  // of struct nlmsghdr: length, type and flags come first

// Answers once with the datagram, its first message under the number of the question, and then has no more.
class OneDatagram final : public Channel {
 public:
  explicit OneDatagram(Bytes datagram) : datagram_(datagram.begin(), datagram.end()) {}

  Result<void> send(Bytes request) override {
    if (datagram_.size() >= kSequence + 4) std::memcpy(&datagram_[kSequence], &request[kSequence], 4);
    waiting_ = true;
    return {};
  }
  Result<Bytes> receive() override {
    if (!waiting_) return Error::from_errno("receive", EAGAIN);
    waiting_ = false;
    return Bytes(datagram_);
  }
  NamespaceId name_space() const override { return {}; }

 private:
  std::vector<std::byte> datagram_;
  bool waiting_ = false;
};

class Checked final : public RecordSink {
 public:
  void accept(const SocketRecord& record) override {
    fuzz::require(static_cast<std::size_t>(record.state) < kWordCount<SocketState>);
    fuzz::require(!place_text(record.protocol, record.remote).empty() || record.protocol == Protocol::Unix);
    fuzz::require(record.local.name.size() <= 65536);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kProtocols = all_of<Protocol>();
  OneDatagram channel(std::as_bytes(std::span(data, size)));
  SockDiagSource source(channel, kProtocols);
  Checked sink;
  for (const LookKind kind : all_of<LookKind>()) {
    source.start(kind, Breadth::Lists);
    // Two dozen dumps at most, asked twice where the filter is refused, with two receives each.
    for (int steps = 0; source.step(sink, 1); ++steps) fuzz::require(steps < 128);
    const LookReport& report = source.report();
    fuzz::require(report.malformed == 0 || !report.unseen.empty());
    fuzz::require(report.unseen.empty() == (report.result() == LookResult::Complete));
  }
  return 0;
}
