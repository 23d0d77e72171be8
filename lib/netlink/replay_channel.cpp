// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/replay_channel.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sockwatch {
namespace {

// A question without what it wants to be told besides: earlier versions asked unix_diag for less.
std::vector<std::byte> essence_of(Bytes request) {
  std::vector<std::byte> body(request.begin() + sizeof(nlmsghdr), request.end());
  const bool of_unix = body.size() == sizeof(unix_diag_req) && body[0] == std::byte{AF_UNIX};
  if (of_unix)
    std::fill_n(body.begin() + offsetof(unix_diag_req, udiag_show), sizeof(std::uint32_t), std::byte{});
  return body;
}

// What two requests must share to be the same question: all but the sequence number and the port id.
bool same_question(Bytes a, Bytes b) {
  constexpr std::size_t kNumbers = offsetof(nlmsghdr, nlmsg_seq);
  return a.size() == b.size() && a.size() >= sizeof(nlmsghdr) &&
         std::equal(a.begin(), a.begin() + kNumbers, b.begin()) && essence_of(a) == essence_of(b);
}

std::vector<std::byte> message(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence,
                               Bytes payload) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof(header) + payload.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  header.nlmsg_seq = sequence;
  std::vector<std::byte> bytes(sizeof(header) + payload.size());
  std::memcpy(bytes.data(), &header, sizeof(header));
  if (!payload.empty()) std::memcpy(bytes.data() + sizeof(header), payload.data(), payload.size());
  return bytes;
}

std::vector<std::byte> status_message(std::uint16_t type, std::uint32_t sequence, int code) {
  const std::int32_t negative = -code;
  std::array<std::byte, 4> payload;
  std::memcpy(payload.data(), &negative, 4);
  return message(type, 0, sequence, payload);
}

// The recording's sequence numbers become those of the questions asked now. From a length that lies on, what
// is damaged stays as it is.
void renumber(std::vector<std::byte>& datagram, std::uint32_t sequence) {
  std::size_t offset = 0;
  while (offset < datagram.size()) {
    const auto header = read_struct<nlmsghdr>(Bytes(datagram).subspan(offset));
    if (!header) return;
    std::memcpy(datagram.data() + offset + offsetof(nlmsghdr, nlmsg_seq), &sequence, sizeof(sequence));
    if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > datagram.size() - offset) return;
    offset += NLMSG_ALIGN(header->nlmsg_len);
  }
}

}  // namespace

void ReplayChannel::play(std::size_t look) {
  look_ = look;
  used_.assign(capture_.looks[look].exchanges.size(), false);
  replies_.clear();
  next_reply_ = 0;
}

Result<void> ReplayChannel::send(Bytes request) {
  replies_.clear();
  next_reply_ = 0;
  const auto header = read_struct<nlmsghdr>(request);
  if (!header) return Error::from_errno("replay request", EINVAL);
  sequence_ = header->nlmsg_seq;
  if (capture_.bare) {
    answer_from_bare(request);
    return {};
  }
  const auto& exchanges = capture_.looks[look_].exchanges;
  used_.resize(exchanges.size());
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    if (used_[i] || !same_question(exchanges[i].request, request)) continue;
    used_[i] = true;
    replies_ = exchanges[i].replies;
    for (auto& reply : replies_) renumber(reply.datagram, sequence_);
    return {};
  }
  refuse(ENOENT);
  return {};
}

bool ReplayChannel::can_answer(Bytes request) const {
  const auto& exchanges = capture_.looks[look_].exchanges;
  return !capture_.bare && std::any_of(exchanges.begin(), exchanges.end(), [&](const Exchange& exchange) {
    return same_question(exchange.request, request);
  });
}

// A bare recording holds TCP sockets of all states and families without the questions that found them: it
// answers as a kernel would that knows TCP only and no filter; one whose dump was interrupted, where it holds
// no whole one.
void ReplayChannel::answer_from_bare(Bytes request) {
  const auto header = read_struct<nlmsghdr>(request);
  if (!header || header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return refuse(EINVAL);
  const auto ask = read_struct<inet_diag_req_v2>(request.subspan(sizeof(nlmsghdr)));
  if (!ask || ask->sdiag_protocol != IPPROTO_TCP) return refuse(ENOENT);
  if (request.size() > sizeof(nlmsghdr) + sizeof(inet_diag_req_v2)) return refuse(EINVAL);
  MessageWalk recorded(capture_.looks[0].exchanges[0].replies[0].datagram);
  while (const auto found = recorded.next()) {
    if (!is_inet_diag(*found)) continue;
    const auto socket = read_struct<inet_diag_msg>(found->payload);
    if (!socket || socket->idiag_family != ask->sdiag_family || socket->idiag_state >= 32) continue;
    if ((ask->idiag_states & (1U << socket->idiag_state)) == 0) continue;
    replies_.push_back({message(SOCK_DIAG_BY_FAMILY, 0, sequence_, found->payload), 0});
  }
  const auto& dumped = capture_.dumped;
  const bool ended =
      capture_.damage.empty() && std::find(dumped.begin(), dumped.end(), ask->sdiag_family) != dumped.end();
  replies_.push_back({status_message(NLMSG_DONE, sequence_, ended ? 0 : EINTR), 0});
}

void ReplayChannel::refuse(int code) {
  replies_.push_back({status_message(NLMSG_ERROR, sequence_, code), 0});
}

Result<Bytes> ReplayChannel::receive() {
  if (next_reply_ == replies_.size()) return Error::from_errno("the recording ends here", EAGAIN);
  const Exchange::Reply& reply = replies_[next_reply_++];
  if (reply.error != 0) return Error::from_errno("recorded error", reply.error);
  return Bytes(reply.datagram);
}

}  // namespace sockwatch
