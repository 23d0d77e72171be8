// SPDX-License-Identifier: Apache-2.0
// What the BPF programs tell about a socket that starts or stops listening: the bytes in the ring, shared by
// the program that writes and the one that reads them. C and C++; fixed sizes; largest members first, so no
// padding.
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "lib/bpf/told_process.h"

enum listen_event_kind {
  LISTEN_EVENT_OPENED = 1, /* TCP: listen(2); the port is still 0 where the kernel is about to choose one */
  LISTEN_EVENT_CLOSED = 2, /* TCP: no longer in LISTEN; UDP: closed without a peer */
  LISTEN_EVENT_BOUND = 3,  /* UDP: bind(2) has succeeded */
  LISTEN_EVENT_CONNECTED = 4, /* UDP: about to be connected to one port of a peer */
};

enum listen_port_choice {
  LISTEN_PORT_UNKNOWN = 0,
  LISTEN_PORT_EXPLICIT = 1, /* the program named it in bind(2), or a few by IP_LOCAL_PORT_RANGE */
  LISTEN_PORT_ASSIGNED = 2,
};

/* What a user's events may take of a ring that fills up. Users whose numbers differ by a multiple of this
 * share one share. */
#define EVENT_SHARES 1024

struct event_share {
  __u64 since_ns; /* the second that is counted */
  __u64 lost;     /* since the programs were loaded */
  __u32 sent;     /* in that second */
  __u32 uid;      /* whose event was lost last */
};

enum listen_socket_maker {
  LISTEN_SOCKET_OF_PROCESS = 0,
  LISTEN_SOCKET_OF_KERNEL = 1,
  LISTEN_SOCKET_OF_MPTCP = 2, /* TCP's part of a process's MPTCP socket, which uid and inode are of */
};

struct listen_event {
  __u64 time_ns;          /* CLOCK_MONOTONIC */
  __u64 netns_cookie;     /* SO_NETNS_COOKIE */
  __u64 socket_cookie;    /* SO_COOKIE */
  __u64 socket_cgroup_id; /* of the socket's creator */
  __u64 start_ns;         /* the process's start, since boot */
  __u32 tgid;             /* in the initial pid namespace */
  __u32 uid;              /* effective, of the process, in the initial user namespace */
  __u32 socket_uid;
  __u32 socket_inode;
  __u32 interface_index;
  __u32 backlog;
  __u32 netns_inode; /* of nsfs */
  __u16 port;        /* host byte order */
  __u8 kind;
  __u8 family;   /* AF_INET or AF_INET6 */
  __u8 protocol; /* IPPROTO_* */
  __u8 v6only;
  __u8 maker;       /* enum listen_socket_maker */
  __u8 port_choice; /* enum listen_port_choice */
  __u8 address[16]; /* IPv4 in the first four */
  char comm[TOLD_COMM];
  char exe[TOLD_EXE];
};
