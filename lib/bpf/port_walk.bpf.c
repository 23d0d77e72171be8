// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Which ports listen, straight from the kernel's tables of sockets and past sock_diag: whoever filters its
// answers does not filter these. Runs only when its files are read, in the reader's network namespace.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "lib/bpf/kernel_iterator.bpf.h"
#include "lib/bpf/kernel_socket.bpf.h"
#include "lib/bpf/port_record.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_iter__tcp {
  struct bpf_iter_meta* meta;
  struct sock_common* sk_common;
};
struct udp_sock {
  struct inet_sock inet;
};
struct bpf_iter__udp {
  struct bpf_iter_meta* meta;
  struct udp_sock* udp_sk;
};

#pragma clang attribute pop

static __always_inline int tell(struct seq_file* seq, struct sock* sk, __u16 port) {
  struct port_record record = {};
  record.inode = inode_of(sk);
  record.port = port;
  bpf_seq_write(seq, &record, sizeof(record));
  return 0;
}

/* The kernel walks its listeners first (net/ipv4/tcp_ipv4.c: tcp_seek_last_pos). Port 0 tells the reader that
 * they are through, so that it need not walk over a million connections. */
SEC("iter/tcp")
int tcp_ports(struct bpf_iter__tcp* context) {
  struct sock_common* sk = context->sk_common;
  if (!sk) return 0;
  if (sk->skc_state != TCP_LISTEN) {
    struct port_record end = {};
    bpf_seq_write(context->meta->seq, &end, sizeof(end));
    return 0;
  }
  return tell(context->meta->seq, (struct sock*)sk, sk->skc_num);
}

SEC("iter/udp")
int udp_ports(struct bpf_iter__udp* context) {
  struct udp_sock* udp = context->udp_sk;
  if (!udp) return 0;
  struct sock* sk = (struct sock*)udp;
  if (sk->__sk_common.skc_state != TCP_CLOSE || sk->__sk_common.skc_num == 0) return 0;
  return tell(context->meta->seq, sk, sk->__sk_common.skc_num);
}
