// SPDX-License-Identifier: Apache-2.0
// From what the TCP iterator wrote to socket records. Pure.
#pragma once

#include "lib/bpf/tcp_count.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// A connection as sock_diag would tell it.
SocketRecord record_of(const tcp_socket& socket, NamespaceId name_space);
// One that stands for all that are counted there: of its ends only that one is filled in.
SocketRecord record_of(const tcp_place& place, NamespaceId name_space);

}  // namespace sockwatch
