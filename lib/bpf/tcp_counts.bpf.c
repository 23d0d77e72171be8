// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Counts the TCP connections of one network namespace where they are: by the listener that took them, or by
// the port they went to. One walk of the kernel over all its TCP sockets, listeners first, which costs half
// of what it costs to be told of each by sock_diag. Runs only when its file is read.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "lib/bpf/kernel_iterator.bpf.h"
#include "lib/bpf/kernel_socket.bpf.h"
#include "lib/bpf/tcp_count.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_iter__tcp {
  struct bpf_iter_meta* meta;
  struct sock_common* sk_common;
};
struct inet_timewait_sock {
  volatile unsigned char tw_substate;
};
struct tcp_sock {
  __u32 rcv_nxt;
  __u32 copied_seq;
  __u32 write_seq;
  __u32 snd_una;
};

#pragma clang attribute pop

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, TCP_COUNT_PLACES);
  __type(key, struct tcp_place);
  __type(value, struct tcp_tally);
} places SEC(".maps");

// Zeroed by the reader before each walk, and read by it afterwards, straight from memory.
struct tcp_socket told[TCP_COUNT_TOLD] = {};
__u32 told_count = 0;
__u32 outbound_ports = 0;
__u32 no_room = 0; /* something was left out: the counts are worth nothing */
__u64 listened_on[65536 / 64] = {};

static const struct tcp_tally nothing = {};

#define IPV4_PREFIX bpf_htonl(0xffff)

static __always_inline void take_address(__u32 (*to)[4], struct sock_common* sk, __be32 v4,
                                         struct in6_addr___k* v6) {
  if (sk->skc_family == AF_INET6) {
    __builtin_memcpy(to, v6, sizeof(*to));
  } else {
    (*to)[0] = (*to)[1] = 0;
    (*to)[2] = IPV4_PREFIX;
    (*to)[3] = v4;
  }
}

static __always_inline struct tcp_place local_place(struct sock_common* sk) {
  struct tcp_place place = {};
  take_address(&place.address, sk, sk->skc_rcv_saddr, &sk->skc_v6_rcv_saddr);
  place.interface_index = (__u32)sk->skc_bound_dev_if;
  place.port = sk->skc_num;
  return place;
}

static __always_inline struct tcp_tally* tally_of(const struct tcp_place* place) {
  return bpf_map_lookup_elem(&places, place);
}

static __always_inline void make_room(const struct tcp_place* place) {
  const int refused = (int)bpf_map_update_elem(&places, place, &nothing, BPF_NOEXIST);
  if (refused && !tally_of(place)) no_room = 1;
}

static __always_inline void note_listener(struct sock_common* sk) {
  struct tcp_place place = local_place(sk);
  make_room(&place);
  const __u32* words = place.address;
  if ((words[0] | words[1] | words[2] | words[3]) == 0 && !BPF_CORE_READ_BITFIELD_PROBED(sk, skc_ipv6only)) {
    place.address[2] = IPV4_PREFIX; /* takes IPv4, too */
    make_room(&place);
  }
  listened_on[place.port / 64] |= 1ULL << (place.port % 64);
}

// The most specific listener, as the kernel would choose (inet_hashtables.c: compute_score).
static __always_inline struct tcp_tally* inbound(struct sock_common* sk) {
  const __u16 port = sk->skc_num;
  if (!(listened_on[port / 64] >> (port % 64) & 1)) return 0;
  struct tcp_place place = local_place(sk);
  const __u32 interface_index = place.interface_index;
  struct tcp_tally* tally = tally_of(&place);
  if (tally) return tally;
  place.interface_index = 0;
  if (interface_index && (tally = tally_of(&place))) return tally;
  if (place.address[0] || place.address[1] || place.address[2] != IPV4_PREFIX) place.address[2] = 0;
  place.address[0] = place.address[1] = place.address[3] = 0;
  place.interface_index = interface_index;
  if (interface_index && (tally = tally_of(&place))) return tally;
  place.interface_index = 0;
  return tally_of(&place);
}

static __always_inline struct tcp_tally* outbound(struct sock_common* sk) {
  struct tcp_place place = {};
  place.outbound = 1;
  place.port = bpf_ntohs(sk->skc_dport);
  struct tcp_tally* tally = tally_of(&place);
  if (tally) return tally;
  if (outbound_ports >= TCP_COUNT_OUTBOUND) {
    place.port = 0;
  } else {
    ++outbound_ports;
  }
  make_room(&place);
  return tally_of(&place);
}

// What sock_diag calls it (inet_diag.c: inet_twsk_diag_fill, inet_req_diag_fill).
static __always_inline __u8 state_of(struct sock_common* sk) {
  const __u8 state = sk->skc_state;
  if (state == TCP_TIME_WAIT) return BPF_CORE_READ((struct inet_timewait_sock*)sk, tw_substate);
  return state == TCP_NEW_SYN_RECV ? TCP_SYN_RECV : state;
}

// Only these have all of a socket; others are a stub of one.
static __always_inline void tell_rest(struct tcp_socket* socket, struct sock* sk) {
  socket->inode = inode_of(sk);
  socket->uid = BPF_CORE_READ(sk, sk_uid.val);
  socket->cgroup_id = cgroup_id_of(sk);
  const struct tcp_sock* tcp = (const struct tcp_sock*)sk;
  const __s32 unread = (__s32)(BPF_CORE_READ(tcp, rcv_nxt) - BPF_CORE_READ(tcp, copied_seq));
  socket->receive_queue = unread > 0 ? (__u32)unread : 0;
  socket->send_queue = BPF_CORE_READ(tcp, write_seq) - BPF_CORE_READ(tcp, snd_una);
}

static __always_inline void tell(struct tcp_socket* socket, struct sock_common* sk, __u8 state) {
  __builtin_memset(socket, 0, sizeof(*socket));
  socket->cookie = bpf_get_socket_cookie(sk);
  take_address(&socket->local_address, sk, sk->skc_rcv_saddr, &sk->skc_v6_rcv_saddr);
  take_address(&socket->remote_address, sk, sk->skc_daddr, &sk->skc_v6_daddr);
  socket->interface_index = (__u32)sk->skc_bound_dev_if;
  socket->local_port = sk->skc_num;
  socket->remote_port = bpf_ntohs(sk->skc_dport);
  socket->state = state;
  if (sk->skc_state != TCP_TIME_WAIT && sk->skc_state != TCP_NEW_SYN_RECV)
    tell_rest(socket, (struct sock*)sk);
}

static __always_inline void take(struct sock_common* sk) {
  const __u8 state = state_of(sk);
  if (state == TCP_LISTEN) return note_listener(sk);
  if (state == TCP_CLOSE) return; /* about to go, and in no dump */
  const __u32 next = told_count;
  if (next < TCP_COUNT_TOLD) {
    told_count = next + 1;
    return tell(&told[next], sk, state);
  }
  struct tcp_tally* tally = inbound(sk);
  if (!tally) tally = outbound(sk);
  if (tally) ++tally->by_state[state % TCP_COUNT_STATES];
}

SEC("iter/tcp")
int count_tcp(struct bpf_iter__tcp* context) {
  struct sock_common* sk = context->sk_common;
  if (!sk) return 0;
  take(sk);
  static const __u8 pause = 0;
  if (context->meta->seq_num % TCP_COUNT_PAUSE == TCP_COUNT_PAUSE - 1)
    bpf_seq_write(context->meta->seq, &pause, sizeof(pause));
  return 0;
}
