// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/message.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>

namespace sockwatch {
namespace {

constexpr std::size_t aligned(std::size_t length) {
  return (length + NLMSG_ALIGNTO - 1) & ~std::size_t{NLMSG_ALIGNTO - 1};
}
static_assert(NLMSG_ALIGNTO == NLA_ALIGNTO);

// The last message or attribute may come without its padding.
Bytes after(Bytes bytes, std::size_t length) {
  return bytes.subspan(std::min(aligned(length), bytes.size()));
}

}  // namespace

int Message::error() const {
  const auto code = read_struct<std::int32_t>(payload);
  if (!code) {
    // A DONE without a number is the old form of a good end.
    return type == NLMSG_DONE && payload.empty() ? 0 : EPROTO;
  }
  // DONE carries a positive length in some families' good end; only a negative number is a refusal there.
  if (*code > 0) return type == NLMSG_DONE ? 0 : EPROTO;
  return *code == INT32_MIN ? EPROTO : -*code;
}

bool Message::ends_dump() const {
  return type == NLMSG_DONE;
}
bool Message::is_error() const {
  return type == NLMSG_ERROR;
}
bool Message::was_interrupted() const {
  return (flags & NLM_F_DUMP_INTR) != 0;
}

std::optional<Message> MessageWalk::next() {
  if (rest_.empty()) return std::nullopt;
  const auto header = read_struct<nlmsghdr>(rest_);
  if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > rest_.size()) {
    malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const Bytes payload = rest_.subspan(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr));
  rest_ = after(rest_, header->nlmsg_len);
  return Message{header->nlmsg_type, header->nlmsg_flags, header->nlmsg_seq, payload};
}

std::optional<Attribute> AttributeWalk::next() {
  if (rest_.empty()) return std::nullopt;
  const auto header = read_struct<nlattr>(rest_);
  if (!header || header->nla_len < sizeof(nlattr) || header->nla_len > rest_.size()) {
    malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const Bytes payload = rest_.subspan(sizeof(nlattr), header->nla_len - sizeof(nlattr));
  rest_ = after(rest_, header->nla_len);
  return Attribute{static_cast<std::uint16_t>(header->nla_type & NLA_TYPE_MASK), payload};
}

}  // namespace sockwatch
