// SPDX-License-Identifier: Apache-2.0
// A listener's sockets, as they are known and as a poll shows them. Pure.
#pragma once

#include <span>

#include "lib/model/listener.h"

namespace sockwatch {

using SocketGroup = std::span<const SocketRecord>;  // the sockets of one key; where a poll shows them, by id

// Those of one key, of all that a poll shows in the order of keys; empty where it shows none.
SocketGroup sockets_at(SocketGroup shown, const ListenerKey& key);

// Whether what is known is what the poll shows. A socket that became transparent reaches farther than before.
bool same_sockets(SocketGroup known, SocketGroup shown);

bool share_a_socket(SocketGroup known, SocketGroup shown);

// Whether the poll says anything new of them.
bool tells_more(SocketGroup known, SocketGroup shown);

// Makes the listener's sockets those that the poll shows. Those that stay keep their order and newcomers
// follow, so that the first is the eldest: a cookie tells no age, each CPU hands out its own range of them
// (net/core/sock_diag.c, since Linux 5.10). The kernel's drop counters are 32 bits wide, wrap, and vanish
// with their socket; ours only ever grow.
void take_sockets(Listener& listener, SocketGroup shown);

}  // namespace sockwatch
