// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/family.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

namespace sockwatch {

bool is_due(const Family& family, Breadth breadth) {
  if (family.pace == Pace::Lists) return breadth == Breadth::Lists;
  return family.pace != Pace::Seldom || breadth != Breadth::Frequent;
}

std::vector<std::byte> encode(const DumpRequest& request, std::uint32_t sequence) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof(header) + request.body.size());
  header.nlmsg_type = request.type;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  header.nlmsg_seq = sequence;
  std::vector<std::byte> bytes(header.nlmsg_len);
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::copy(request.body.begin(), request.body.end(), bytes.begin() + sizeof(header));
  return bytes;
}

void take_uid(Bytes payload, SocketRecord& record) {
  if (const auto uid = read_struct<std::uint32_t>(payload)) {
    record.uid = *uid;
    record.uid_told = true;
  }
}

}  // namespace sockwatch
