// SPDX-License-Identifier: Apache-2.0
// A memory with everything in it that a memory can hold.
#pragma once

#include "lib/watch/pipeline.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {

inline constexpr NamespaceId kHost{7};

// Program names as a hostile program may choose them.
inline constexpr const char* kHostileExe = "/opt/\xFF\xC3(\"quoted\", \\x41\n\x1B[31m)";
inline constexpr const char* kHostileComm = "\xF0\x9F\x8C tab\tend\\";

inline Listener remembered(SocketRecord record) {
  record.id.name_space = kHost;
  Listener made =
      listener(record, {MonotonicTime(std::chrono::hours(1)), WallTime(Duration(1767225600123456789))});
  made.opened.wall += std::chrono::minutes(5);
  made.verdict.kind = VerdictKind::Expected;
  made.verdict.rule = "learned";
  made.annotation.owner.state = OwnerState::Known;
  return made;
}

// Two sockets on one port, and everything about it known.
inline Listener remembered_group() {
  Listener made = remembered(listening(Protocol::Tcp, "10.1.2.3", 443, 0xFFFFFFFFFFFFFFFF));
  SocketRecord second = made.members.front();
  second.id.cookie = 12;
  second.drops = 7;
  made.members.push_back(second);
  made.annotation.owner.unit = "web@a\\x2db.service";
  made.annotation.owner.container = "docker:0123456789ab";
  made.annotation.owner.holders = {{{4711, 99}, kHostileComm, kHostileExe, 33}};
  made.last_connection = WallTime(Duration(1767225700000000001));
  made.drops_total = 0x1234567890ULL;
  Owner other;
  other.state = OwnerState::Known;
  other.unit = "other.service";
  other.user = "max";
  made.predecessor = other;
  other.holders = {{{}, kHostileComm, kHostileExe, 0}};
  made.sharers = {other, other};
  made.exposed = true;
  made.decided.emplace().kind = VerdictKind::Unexpected;
  made.decided->rule = "no \"telnet\"\n";
  return made;
}

inline Listener remembered_stranger() {
  SocketRecord record = listening(Protocol::Udp, "fe80::1", 40000, 13);
  record.local.interface_index = 2;
  record.bind = Bind::Assigned;
  record.v6only = true;
  Listener made = remembered(record);
  made.annotation.owner.state = OwnerState::NoPermission;
  made.verdict.kind = VerdictKind::Unexpected;
  return made;
}

inline Memory full_memory() {
  Memory memory;
  memory.learned.insert({"host", Protocol::Tcp, "443", Scope::Private, kHostileExe});
  memory.learned.insert({"host", Protocol::Udp, "assigned", Scope::Any, ""});
  memory.learned.insert({"host", Protocol::Tcp, "80", Scope::Any, "docker:*", kHostileExe});
  memory.known = {remembered_group(), remembered_stranger()};
  return memory;
}

}  // namespace sockwatch
