// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/families/packet_sockets.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/packet_diag.h>
#include <sys/socket.h>

#include <algorithm>

#include "lib/model/place.h"

namespace sockwatch::packet_sockets {
namespace {

// The socket itself asked for interfaces to be promiscuous, each once or several times.
void take_memberships(Bytes list, SocketRecord& record) {
  for (; const auto entry = read_struct<packet_diag_mclist>(list);
       list = list.subspan(sizeof(packet_diag_mclist))) {
    if (entry->pdmc_type != PACKET_MR_PROMISC || entry->pdmc_count == 0) continue;
    record.promiscuous = true;
    auto& on = record.promiscuous_on;
    const auto free = std::find(on.begin(), on.end(), 0U);
    if (free == on.end()) {
      on.front() = kEveryInterface;
    } else {
      *free = static_cast<std::uint32_t>(entry->pdmc_index);
    }
  }
}

std::uint32_t number_at(Bytes numbers, std::size_t index) {
  if (numbers.size() < (index + 1) * sizeof(std::uint32_t)) return 0;
  return *read_struct<std::uint32_t>(numbers.subspan(index * sizeof(std::uint32_t)));
}

void apply(const Attribute& attribute, SocketRecord& record) {
  switch (attribute.type) {
    case PACKET_DIAG_INFO:
      if (const auto info = read_struct<packet_diag_info>(attribute.payload))
        record.local.interface_index = info->pdi_index;
      break;
    case PACKET_DIAG_MCLIST:
      take_memberships(attribute.payload, record);
      break;
    case PACKET_DIAG_FILTER:  // to CAP_NET_ADMIN alone
      record.filter_instructions = static_cast<std::uint16_t>(attribute.payload.size() / sizeof(sock_filter));
      break;
    case PACKET_DIAG_UID:
      take_uid(attribute.payload, record);
      break;
    case PACKET_DIAG_MEMINFO:
      record.receive_queue = number_at(attribute.payload, SK_MEMINFO_RMEM_ALLOC);
      record.drops = number_at(attribute.payload, SK_MEMINFO_DROPS);
      break;
    default:
      break;
  }
}

std::vector<DumpRequest> all(const Abilities& abilities) {
  packet_diag_req body{};
  body.sdiag_family = AF_PACKET;
  body.pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_MCLIST | PACKET_SHOW_MEMINFO;
  DumpRequest made{Protocol::Packet, Bind::Unknown, "packet", {}};
  if (abilities.socket_filters) {
    body.pdiag_show |= PACKET_SHOW_FILTER;
    made.needs = &Abilities::socket_filters;
  }
  append(made.body, body);
  return {made};
}

}  // namespace

std::vector<DumpRequest> requests(LookKind kind, const Abilities& abilities) {
  return kind == LookKind::Listeners ? all(abilities) : std::vector<DumpRequest>();
}

std::vector<DumpRequest> list_requests(LookKind kind, const Abilities& abilities) {
  return kind == LookKind::Connections ? all(abilities) : std::vector<DumpRequest>();
}

bool decode(const DumpRequest& request, Bytes payload, SocketRecord& record) {
  const auto fixed = read_struct<packet_diag_msg>(payload);
  if (!fixed || fixed->pdiag_family != AF_PACKET) return false;
  record = {};
  record.id.cookie = std::uint64_t{fixed->pdiag_cookie[1]} << 32 | fixed->pdiag_cookie[0];
  record.protocol = request.protocol;
  record.type = fixed->pdiag_type == SOCK_DGRAM ? SocketType::Dgram : SocketType::Raw;
  record.local.port = fixed->pdiag_num;  // in host byte order already
  record.inode = fixed->pdiag_ino;
  record.uid_told = false;
  AttributeWalk attributes(payload.subspan(sizeof(packet_diag_msg)));
  while (const auto attribute = attributes.next()) apply(*attribute, record);
  return !attributes.malformed();
}

void complete(const Channel& channel, SocketRecord& record) {
  // The kernel's word for one that was removed under the socket (af_packet.c: packet_notifier).
  constexpr std::uint32_t kRemoved = ~std::uint32_t{0};
  if (record.local.interface_index == kRemoved) {
    record.local.name = kRemovedInterface;
    return;
  }
  const InterfaceFacts facts = channel.interface(record.local.interface_index);
  record.local.name = facts.name;
  record.promiscuous = record.promiscuous || facts.promiscuous;
}

}  // namespace sockwatch::packet_sockets
