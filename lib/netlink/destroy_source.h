// SPDX-License-Identifier: Apache-2.0
// Events without any privilege: the kernel's multicast of TCP and UDP sockets that end. A listener that lived
// between two looks shows here when it closes, by its cookie. It comes late, names no process, and a socket
// that was only bound looks the same: a candidate, never a claim.
#pragma once

#include <memory>

#include "lib/base/result.h"
#include "lib/model/event_source.h"
#include "lib/netlink/kernel_channel.h"

namespace sockwatch {

class DestroySource final : public EventFeed {
 public:
  // Hears the network namespace of the thread that opens it; if `all_namespaces`, and with CAP_NET_BROADCAST,
  // also those that have a number there. Of these the events tell no more than that.
  static Result<std::unique_ptr<DestroySource>> open(bool all_namespaces = false);

  EventSource kind() const override { return EventSource::Destroy; }
  int fd() const override { return channel_->fd(); }
  bool drain(EventSink& sink) override;
  bool hears_everything() const override { return false; }
  std::uint64_t lost() const override;

 private:
  explicit DestroySource(std::unique_ptr<KernelChannel> channel) : channel_(std::move(channel)) {}
  Result<void> listen(bool all_namespaces);

  std::unique_ptr<KernelChannel> channel_;
};

// One multicast message as an event. Nothing where it is malformed or no unconnected socket with a port.
// Pure.
std::optional<SocketEvent> decode_destroyed(const Message& message, NamespaceId name_space, Instant now);

}  // namespace sockwatch
