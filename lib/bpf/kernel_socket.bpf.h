// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// A socket as the kernel keeps it, for the BPF programs: only the fields that are read; the loader finds
// their offsets in the running kernel's BTF.
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "lib/bpf/kernel_process.bpf.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
/* include/net/tcp_states.h */
#define TCP_SYN_RECV 3
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr___k {
  __u8 bytes[16];
};
struct ns_common {
  unsigned int inum;
};
struct net {
  __u64 net_cookie;
  struct ns_common ns;
};
typedef struct {
  struct net* net;
} possible_net_t;
struct sock_common {
  __be32 skc_daddr;
  __be32 skc_rcv_saddr;
  __be16 skc_dport;
  __u16 skc_num;
  unsigned short skc_family;
  volatile unsigned char skc_state;
  unsigned char skc_ipv6only : 1;
  int skc_bound_dev_if;
  possible_net_t skc_net;
  struct in6_addr___k skc_v6_daddr;
  struct in6_addr___k skc_v6_rcv_saddr;
};
struct kernfs_node {
  __u64 id;
};
struct cgroup {
  struct kernfs_node* kn;
};
struct sock_cgroup_data {
  struct cgroup* cgroup;
};
struct socket;
struct sock {
  struct sock_common __sk_common;
  struct socket* sk_socket;
  kuid_t sk_uid;
  __u16 sk_protocol;
  __u8 sk_userlocks : 4;
  __u8 sk_kern_sock : 1;
  __u32 sk_max_ack_backlog;
  struct sock_cgroup_data sk_cgrp_data;
};
struct inet_sock {
  struct sock sk;
  __be16 inet_sport;
  __u32 local_port_range; /* two 16-bit members before Linux 6.8: the same bits, on a little-endian machine */
};
/* Of MPTCP, the socket that a program has is another than the one that TCP works with. */
struct tcp_sock___mptcp {
  __u8 is_mptcp : 1;
};
struct inet_connection_sock {
  void* icsk_ulp_data;
};
struct mptcp_subflow_context {
  struct sock* conn;
};

// The inode of a socket lies behind it in one allocation (net/socket.c). Both members are needed for their
// offsets.
struct socket {
  struct file* file;
  struct sock* sk;
};
struct socket_alloc {
  struct socket socket;
  struct inode vfs_inode;
};

#pragma clang attribute pop

static __always_inline __u64 cgroup_id_of(struct sock* sk) {
  if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup)) return 0; /* before Linux 5.15 */
  return BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
}

static __always_inline int is_mptcp_subflow(struct sock* sk) {
  struct tcp_sock___mptcp* tcp = (struct tcp_sock___mptcp*)sk;
  if (!bpf_core_field_exists(tcp->is_mptcp)) return 0;
  return (int)BPF_CORE_READ_BITFIELD_PROBED(tcp, is_mptcp);
}

// The socket that the program has. Null where the kernel does not tell.
static __always_inline struct sock* mptcp_socket_of(struct sock* subflow) {
  if (!bpf_core_type_exists(struct mptcp_subflow_context)) return 0;
  struct inet_connection_sock* connection = (struct inet_connection_sock*)subflow;
  struct mptcp_subflow_context* context =
      (struct mptcp_subflow_context*)BPF_CORE_READ(connection, icsk_ulp_data);
  return context ? BPF_CORE_READ(context, conn) : 0;
}

static __always_inline __u32 inode_of(struct sock* sk) {
  struct socket* socket = BPF_CORE_READ(sk, sk_socket);
  if (!socket) return 0;
  /* container_of by BTF: from the socket to the inode behind it. */
  struct socket_alloc* both =
      (struct socket_alloc*)((char*)socket - __builtin_preserve_field_info(((struct socket_alloc*)0)->socket,
                                                                           BPF_FIELD_BYTE_OFFSET));
  return (__u32)BPF_CORE_READ(both, vfs_inode.i_ino);
}
