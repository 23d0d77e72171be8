// SPDX-License-Identifier: Apache-2.0
// A channel that answers each request with what a test wrote down for it.
#pragma once

#include <cerrno>
#include <cstring>
#include <deque>
#include <vector>

#include "lib/netlink/capture.h"
#include "lib/netlink/channel.h"

namespace sockwatch {

class ScriptedChannel final : public Channel {
 public:
  // For the first request that has none yet. Messages with sequence 0 get the request's.
  void answer(std::vector<Exchange::Reply> replies) { script_.push_back({0, std::move(replies)}); }
  // Sending that request fails.
  void fail_send(int code) { script_.push_back({code, {}}); }

  const std::vector<std::vector<std::byte>>& requests() const { return requests_; }

  Result<void> send(Bytes request) override {
    requests_.emplace_back(request.begin(), request.end());
    if (script_.empty()) return {};
    const Answer answer = std::move(script_.front());
    script_.pop_front();
    if (answer.send_error != 0) return Error::from_errno("send", answer.send_error);
    for (const Exchange::Reply& reply : answer.replies) {
      replies_.push_back(reply);
      number(replies_.back().datagram, request);
    }
    return {};
  }

  // EAGAIN where nothing is left, as from the kernel.
  Result<Bytes> receive() override {
    if (replies_.empty()) return Error::from_errno("receive", EAGAIN);
    current_ = std::move(replies_.front());
    replies_.pop_front();
    if (current_.error != 0) return Error::from_errno("receive", current_.error);
    return Bytes(current_.datagram);
  }

  NamespaceId name_space() const override { return NamespaceId{4026531840}; }

 private:
  struct Answer {
    int send_error;
    std::vector<Exchange::Reply> replies;
  };

  // As far as the lengths make sense: tests damage some on purpose.
  static void number(std::vector<std::byte>& datagram, Bytes request) {
    constexpr std::size_t kSequence = 8;  // of struct nlmsghdr: length, type and flags come first
    constexpr std::uint32_t kHeader = 16;
    for (std::size_t at = 0; at + kHeader <= datagram.size();) {
      const auto length = *read_struct<std::uint32_t>(Bytes(datagram).subspan(at));
      if (*read_struct<std::uint32_t>(Bytes(datagram).subspan(at + kSequence)) == 0) {
        std::memcpy(&datagram[at + kSequence], &request[kSequence], sizeof(std::uint32_t));
      }
      if (length < kHeader || length > datagram.size() - at) return;
      at += (length + 3U) & ~3U;
    }
  }

  std::deque<Answer> script_;
  std::deque<Exchange::Reply> replies_;
  Exchange::Reply current_;  // what the reader's span points into
  std::vector<std::vector<std::byte>> requests_;
};

}  // namespace sockwatch
