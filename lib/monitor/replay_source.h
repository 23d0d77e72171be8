// SPDX-License-Identifier: Apache-2.0
// The looks of a recording, one after the other, at the times they were made. Touches neither /proc nor the
// network.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/model/source.h"
#include "lib/netlink/capture.h"
#include "lib/netlink/replay_channel.h"
#include "lib/netlink/sock_diag_source.h"

namespace sockwatch {

// Time as a recording tells it.
class RecordedClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void set(Instant now) { now_ = now; }

 private:
  Instant now_;
};

class ReplaySource final : public Source {
 public:
  static Result<std::unique_ptr<ReplaySource>> open(const std::string& file,
                                                    const std::vector<Protocol>& families);

  // The look that comes next; nothing after the last. A recording of `ss -D` is one look of each kind at time
  // 0.
  struct Next {
    LookKind kind;
    Instant time;
  };
  std::optional<Next> next() const;

  // Starts the next look, which must be of this kind.
  void start(LookKind kind, Instant now) override;
  bool step(RecordSink& sink, int datagrams) override { return sock_diag_.step(sink, datagrams); }
  const LookReport& report() const override { return sock_diag_.report(); }

  // The recording ends in mid-write.
  bool cut_short() const { return capture_.cut_short; }
  // Why it proves nothing about what it does not hold; empty where there is nothing to say.
  const std::string& damage() const { return capture_.damage; }
  NamespaceId name_space() const { return channel_.name_space(); }

 private:
  ReplaySource(Capture capture, const std::vector<Protocol>& families);

  Capture capture_;
  ReplayChannel channel_;
  SockDiagSource sock_diag_;
  std::size_t next_ = 0;
};

}  // namespace sockwatch
