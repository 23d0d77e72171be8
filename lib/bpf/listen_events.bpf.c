// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Tells of every TCP socket that starts or stops listening, and of every UDP socket a program binds to a
// port, in all network namespaces, at the moment it happens and in the context of the process that did it.
// CO-RE: the structures below name only the fields that are read; the loader finds their offsets in the
// running kernel's BTF. The helpers called here are for GPL-compatible programs, hence this file's second
// licence.
#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "lib/bpf/kernel_process.bpf.h"
#include "lib/bpf/kernel_socket.bpf.h"
#include "lib/bpf/listen_event.h"

char LICENSE[] SEC("license") = "GPL";

#define SOCK_BINDPORT_LOCK 8 /* include/net/sock.h */

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 * 1024 * 1024);
} events SEC(".maps");

// Events that found the ring full, since the programs were loaded. Read by the daemon straight from memory.
__u64 lost_events = 0;

// A reader that sleeps is woken when this much waits; below, its own timer is soon enough.
#define WAKE_AT (64 * 1024)
// An event that comes after this much silence wakes the reader at once: one backdoor is told without delay,
// ten thousand listeners in a second cost one wake-up each WAKE_AT bytes.
#define BURST_NS (50 * 1000 * 1000ULL)

__u64 last_event = 0;

static __always_inline __u64 wake_flag(__u64 now) {
  __u64 silence = now - last_event;
  last_event = now; /* two at once may both wake: harmless */
  if (silence > BURST_NS) return BPF_RB_FORCE_WAKEUP;
  if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= WAKE_AT) return BPF_RB_FORCE_WAKEUP;
  return BPF_RB_NO_WAKEUP;
}

static __always_inline void describe_socket(struct listen_event* event, struct sock* sk) {
  event->netns_cookie = BPF_CORE_READ(sk, __sk_common.skc_net.net, net_cookie);
  event->netns_inode = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  event->socket_cgroup_id = cgroup_id_of(sk);
  event->socket_uid = BPF_CORE_READ(sk, sk_uid.val);
  event->socket_inode = inode_of(sk);
  event->interface_index = (__u32)BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if);
  event->backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
  event->family = (__u8)BPF_CORE_READ(sk, __sk_common.skc_family);
  event->v6only = (__u8)BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only);
  event->kernel_socket = (__u8)BPF_CORE_READ_BITFIELD_PROBED(sk, sk_kern_sock);
  /* skc_num is 0 once the port is released, the network-order copy stays. */
  __be16 port = BPF_CORE_READ((struct inet_sock*)sk, inet_sport);
  event->port = __builtin_bswap16(port);
  if (event->family == AF_INET6) {
    BPF_CORE_READ_INTO(&event->address, sk, __sk_common.skc_v6_rcv_saddr);
  } else {
    __be32 address = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
    __builtin_memcpy(event->address, &address, sizeof(address));
  }
}

// All of an event but its port's origin; null, and counted, where the ring is full.
static __always_inline struct listen_event* begin(struct sock* sk, __u64 cookie, __u8 kind, __u8 protocol) {
  struct listen_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&lost_events, 1);
    return 0;
  }
  __builtin_memset(event, 0, sizeof(*event));
  event->time_ns = bpf_ktime_get_ns();
  event->kind = kind;
  event->protocol = protocol;
  event->socket_cookie = cookie;
  describe_socket(event, sk);
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  event->tgid = (__u32)(bpf_get_current_pid_tgid() >> 32);
  describe_process(task, &event->start_ns, &event->uid, &event->comm, &event->exe);
  return event;
}

// Not inlined, so that who has nothing to tell need not make room for it.
static __noinline int tell_state(struct sock* sk, int opened) {
  /* MPTCP's own socket changes state beside its TCP subflow's; the subflow is the listener. */
  if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP) return 0;
  __u8 kind = opened ? LISTEN_EVENT_OPENED : LISTEN_EVENT_CLOSED;
  struct listen_event* event = begin(sk, bpf_get_socket_cookie(sk), kind, IPPROTO_TCP);
  if (!event) return 0;
  __u64 locks = BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks);
  event->port_choice = locks & SOCK_BINDPORT_LOCK ? LISTEN_PORT_EXPLICIT : LISTEN_PORT_ASSIGNED;
  bpf_ringbuf_submit(event, wake_flag(event->time_ns));
  return 0;
}

// Every change of a TCP socket's state passes here; those of ordinary connections leave after two
// comparisons.
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(listen_state, struct sock* sk, int oldstate, int newstate) {
  if (newstate == TCP_LISTEN) return oldstate == TCP_LISTEN ? 0 : tell_state(sk, 1);
  if (oldstate != TCP_LISTEN) return 0;
  return newstate == TCP_CLOSE ? tell_state(sk, 0) : 0; /* to SYN_RECV is an accepted connection */
}

// After a successful bind(2). What such a program is handed is the socket itself (kernel/bpf/cgroup.c:
// __cgroup_bpf_run_filter_sk), which it may read like any other kernel memory. The kernel notes the port, and
// that the program named it, only after this. Must answer 1, always: anything else would refuse the bind, for
// the whole machine.
static __always_inline int tell_bound(struct bpf_sock* context) {
  if (context->protocol != IPPROTO_UDP) return 1;
  struct listen_event* event =
      begin((struct sock*)context, bpf_get_socket_cookie(context), LISTEN_EVENT_BOUND, IPPROTO_UDP);
  if (!event) return 1;
  event->port = (__u16)context->src_port;
  bpf_ringbuf_submit(event, wake_flag(event->time_ns));
  return 1;
}

SEC("cgroup/post_bind4")
int listen_bind4(struct bpf_sock* context) {
  return tell_bound(context);
}

SEC("cgroup/post_bind6")
int listen_bind6(struct bpf_sock* context) {
  return tell_bound(context);
}
