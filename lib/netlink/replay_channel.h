// SPDX-License-Identifier: Apache-2.0
// A channel that answers from a capture instead of the kernel: how the whole program runs without privilege,
// and how a user sends in what went wrong.
#pragma once

#include <vector>

#include "lib/netlink/capture.h"
#include "lib/netlink/channel.h"

namespace sockwatch {

class ReplayChannel final : public Channel {
 public:
  // The capture must outlive it.
  explicit ReplayChannel(const Capture& capture) : capture_(capture) {}

  // Answers come from this look from now on; each recorded exchange answers once.
  void play(std::size_t look);

  Result<void> send(Bytes request) override;
  Result<Bytes> receive() override;
  bool can_answer(Bytes request) const override;
  NamespaceId name_space() const override { return capture_.looks[look_].name_space; }

 private:
  void answer_from_bare(Bytes request);
  void refuse(int code);

  const Capture& capture_;
  std::size_t look_ = 0;
  std::vector<bool> used_;  // exchanges of the look that have answered
  std::uint32_t sequence_ = 0;
  std::vector<Exchange::Reply> replies_;
  std::size_t next_reply_ = 0;
};

}  // namespace sockwatch
