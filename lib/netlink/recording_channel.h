// SPDX-License-Identifier: Apache-2.0
// A channel that writes down what passes through it.
#pragma once

#include "lib/netlink/capture.h"
#include "lib/netlink/channel.h"

namespace sockwatch {

class RecordingChannel final : public Channel {
 public:
  // Both must outlive it.
  RecordingChannel(Channel& inner, CaptureWriter& writer) : inner_(inner), writer_(writer) {}

  Result<void> send(Bytes request) override;
  Result<Bytes> receive() override;
  InterfaceFacts interface(std::uint32_t index) const override { return inner_.interface(index); }
  NamespaceId name_space() const override { return inner_.name_space(); }

 private:
  Channel& inner_;
  CaptureWriter& writer_;
};

}  // namespace sockwatch
