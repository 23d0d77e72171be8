// SPDX-License-Identifier: Apache-2.0
// A recording somebody sent in: read, then every look replayed.
#include "lib/netlink/capture.h"

#include "lib/netlink/replay_channel.h"
#include "lib/netlink/sock_diag_source.h"
#include "tests/fuzz/fuzz.h"

namespace {

class Nobody final : public sockwatch::RecordSink {
 public:
  void accept(const sockwatch::SocketRecord&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const auto capture = parse_capture(std::as_bytes(std::span(data, size)));
  if (!capture.ok()) {
    fuzz::require(capture.error().message.starts_with("capture, byte "));
    return 0;
  }
  fuzz::require(!capture->looks.empty());
  constexpr std::array kProtocols = {Protocol::Tcp, Protocol::Udp};
  ReplayChannel channel(*capture);
  SockDiagSource source(channel, kProtocols);
  Nobody sink;
  for (std::size_t look = 0; look < capture->looks.size(); ++look) {
    channel.play(look);
    source.start(capture->looks[look].kind);
    // No more datagrams than bytes, and a few for the questions.
    for (std::size_t steps = 0; source.step(sink, 1); ++steps) fuzz::require(steps < size + 100);
  }
  return 0;
}
