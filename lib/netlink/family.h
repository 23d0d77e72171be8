// SPDX-License-Identifier: Apache-2.0
// What differs between socket families: which dumps to ask for and when, and how one record is laid out.
// Everything else is the source's. To add a family: one file under families/, one line in families/list.cpp.
#pragma once

#include <linux/sock_diag.h>

#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/model/snapshot.h"
#include "lib/model/socket_record.h"
#include "lib/netlink/channel.h"
#include "lib/netlink/message.h"

namespace sockwatch {

// What a kernel may refuse, and we can do without.
struct Abilities {
  bool bind_filter = true;     // tells chosen ports from assigned ones
  bool peer_filter = true;     // tells datagram sockets that hear more than one remote port from the others
  bool socket_filters = true;  // how long a packet socket's filter is
  bool one_walk = true;        // IPv4 and IPv6 in one dump: half the walks over the table of connections
};

// How often a family is asked for listeners.
enum class Pace : std::uint8_t {
  EveryLook,
  OnNewTcp,  // when TCP has just shown a listener that no look had shown: dear, and adds to what TCP shows
  Seldom,    // every few seconds
  Lists,     // only to list all there is: never a listener
};

// Whose turn it is.
enum class Breadth : std::uint8_t { Frequent, All, Lists };

// One dump to ask the kernel for.
struct DumpRequest {
  Protocol protocol = Protocol::Tcp;
  Bind bind = Bind::Unknown;    // what the request's filter lets through, so what each of its records is
  std::string what;             // "tcp over IPv4": for a person, when the dump fails
  std::vector<std::byte> body;  // what follows the netlink header: the family's request and attributes
  std::uint16_t type = SOCK_DIAG_BY_FAMILY;  // of the netlink message, and of those that answer it
  bool Abilities::*needs = nullptr;          // what is not there where the kernel refuses the dump
};

struct Family {
  Protocol protocol;
  std::vector<DumpRequest> (*requests)(LookKind kind, const Abilities& abilities);
  // Fills `record` from one reply. False where it is too short or lies about a length; the record is then
  // worthless.
  bool (*decode)(const DumpRequest& request, Bytes payload, SocketRecord& record);
  Pace pace = Pace::EveryLook;
  // Adds what the channel's namespace knows and the message does not say; may be null.
  void (*complete)(const Channel& channel, SocketRecord& record) = nullptr;
};

bool is_due(const Family& family, Breadth breadth);

// The attribute in which unix_diag and packet_diag tell the creator's uid.
void take_uid(Bytes payload, SocketRecord& record);

// Puts together a request's body.
template <typename T>
void append(std::vector<std::byte>& to, const T& value) {
  const std::size_t end = to.size();
  to.resize(end + sizeof value);
  std::memcpy(to.data() + end, &value, sizeof value);
}

// Of the bit masks of states that every family's request has.
constexpr std::uint32_t bit(SocketState state) {
  return 1U << static_cast<unsigned>(state);
}

// Every family this build knows.
std::span<const Family> families();

// The request as it goes on the wire, with NLM_F_REQUEST | NLM_F_DUMP.
std::vector<std::byte> encode(const DumpRequest& request, std::uint32_t sequence);

}  // namespace sockwatch
