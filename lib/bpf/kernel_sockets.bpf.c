// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Which TCP listeners and UDP sockets of one network namespace the kernel made for itself: tunnels, file
// servers. No process can hold those. Runs only when its file is read.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "lib/bpf/kernel_iterator.bpf.h"
#include "lib/bpf/kernel_socket.bpf.h"
#include "lib/bpf/kernel_sockets.h"

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

// Made by the kernel, or at least without a file that a process could have a descriptor of.
static __always_inline int is_kernel_socket(struct sock* sk) {
  if (BPF_CORE_READ_BITFIELD_PROBED(sk, sk_kern_sock)) return 1;
  struct socket* socket = BPF_CORE_READ(sk, sk_socket);
  return socket && !BPF_CORE_READ(socket, file);
}

static __always_inline void tell(struct seq_file* seq, __u64 cookie) {
  bpf_seq_write(seq, &cookie, sizeof(cookie));
}

SEC("iter/tcp")
int kernel_tcp(struct bpf_iter__tcp* context) {
  struct sock_common* common = context->sk_common;
  if (!common) return 0;
  /* Listeners come first. */
  if (common->skc_state != TCP_LISTEN) {
    tell(context->meta->seq, KERNEL_SOCKETS_END);
    return 0;
  }
  struct sock* sk = (struct sock*)common;
  if (is_kernel_socket(sk) && !is_mptcp_subflow(sk)) tell(context->meta->seq, bpf_get_socket_cookie(common));
  return 0;
}

SEC("iter/udp")
int kernel_udp(struct bpf_iter__udp* context) {
  struct udp_sock* udp = context->udp_sk;
  if (!udp) return 0;
  if (is_kernel_socket((struct sock*)udp)) tell(context->meta->seq, bpf_get_socket_cookie(udp));
  return 0;
}
