// SPDX-License-Identifier: Apache-2.0
// What the iterator over all TCP sockets counts and tells: the memory that the program and its reader share.
// C and C++; fixed sizes; largest members first, so no padding.
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#define TCP_COUNT_STATES 16 /* more than include/net/tcp_states.h has */
#define TCP_COUNT_PLACES 8192
/* Remote ports told apart; what comes after goes to port 0. */
#define TCP_COUNT_OUTBOUND 1024
/* The first ones are told one by one instead of being counted. */
#define TCP_COUNT_TOLD 1000
/* After so many sockets, some 0.1 ms, a byte ends the read(2), so that the reader can pause. A power of two.
 */
#define TCP_COUNT_PAUSE 256

/* What connections are counted by: where the listener sits that took them, or the port that they went to. */
struct tcp_place {
  __u32 address[4]; /* network byte order; IPv4 as ::ffff:a.b.c.d; zeros where outbound */
  __u32 interface_index;
  __u16 port; /* host byte order; the listener's, or the remote one */
  __u8 outbound;
  __u8 unused; /* zero: all bytes make the key */
};

struct tcp_tally {
  __u32 by_state[TCP_COUNT_STATES];
};

/* As sock_diag would tell it. */
struct tcp_socket {
  __u64 cookie;
  __u64 cgroup_id;
  __u32 uid;
  __u32 inode;
  __u32 receive_queue;
  __u32 send_queue;
  __u32 interface_index;
  __u32 local_address[4];
  __u32 remote_address[4];
  __u16 local_port; /* host byte order */
  __u16 remote_port;
  __u8 state;
  __u8 unused[7];
};
