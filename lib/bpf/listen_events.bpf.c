// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Tells of every TCP socket that starts or stops listening, and of every UDP socket whose port a program
// chose: when it is bound, when it gets a peer, and when it is closed without one. In all network namespaces,
// at the moment it happens and in the context of the process that did it. CO-RE: the structures below name
// only the fields that are read; the loader finds their offsets in the running kernel's BTF. The helpers
// called here are for GPL-compatible programs, hence this file's second licence.
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

// UDP has a ring of its own, so that no flood of its binds takes the places of TCP.
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 * 1024 * 1024);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1024 * 1024);
} udp_events SEC(".maps");

// Threads that are in the middle of a bind(2) to port 0, with the socket's cookie.
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, __u64);
  __type(value, __u64);
} any_port SEC(".maps");

// Set before the programs are loaded. Whether binds are seen before they are made, which tells a bind to port
// 0 from others; and net.ipv4.ip_local_port_range.
const volatile __u8 knows_port_choice = 0;
const volatile __u16 first_assigned_port = 32768;
const volatile __u16 last_assigned_port = 60999;

// Read by the daemon straight from memory: events that found no room, since the programs were loaded.
__u64 lost_events = 0;
struct event_share event_shares[EVENT_SHARES];

// A reader that sleeps is woken when this much waits; below, its own timer is soon enough.
#define WAKE_AT (64 * 1024)
// An event that comes after this much silence wakes the reader at once: one backdoor is told without delay,
// ten thousand listeners in a second cost one wake-up each WAKE_AT bytes.
#define BURST_NS (50 * 1000 * 1000ULL)

// Beyond this many events a second a user has no place in a ring that is half full.
#define SHARE 256
#define SECOND_NS (1000 * 1000 * 1000ULL)

// A program that leaves the kernel no more ports than this to choose from has chosen.
#define FEW_PORTS 16

__u64 last_event = 0;
__u64 last_udp_event = 0;

static __always_inline __u64 wake_flag(void* ring, __u64* last, __u64 now) {
  __u64 silence = now - *last;
  *last = now; /* two at once may both wake: harmless */
  if (silence > BURST_NS) return BPF_RB_FORCE_WAKEUP;
  if (bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= WAKE_AT) return BPF_RB_FORCE_WAKEUP;
  return BPF_RB_NO_WAKEUP;
}

static __always_inline struct event_share* share_of(__u32 uid) {
  return &event_shares[uid & (EVENT_SHARES - 1)];
}

// Two processors may count at once; a share is no exact number.
static __always_inline int has_place(void* ring, struct event_share* share, __u64 now) {
  if (now - share->since_ns > SECOND_NS) {
    share->since_ns = now;
    share->sent = 0;
  }
  if (share->sent++ < SHARE) return 1;
  return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / 2;
}

static __always_inline void describe_socket(struct listen_event* event, struct sock* sk) {
  event->netns_cookie = BPF_CORE_READ(sk, __sk_common.skc_net.net, net_cookie);
  event->netns_inode = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  struct sock* seen = is_mptcp_subflow(sk) ? mptcp_socket_of(sk) : 0;
  if (seen) {
    event->maker = LISTEN_SOCKET_OF_MPTCP;
  } else {
    seen = sk;
    if (BPF_CORE_READ_BITFIELD_PROBED(sk, sk_kern_sock)) event->maker = LISTEN_SOCKET_OF_KERNEL;
  }
  event->socket_cgroup_id = cgroup_id_of(seen);
  event->socket_uid = BPF_CORE_READ(seen, sk_uid.val);
  event->socket_inode = inode_of(seen);
  event->interface_index = (__u32)BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if);
  event->backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
  event->family = (__u8)BPF_CORE_READ(sk, __sk_common.skc_family);
  event->v6only = (__u8)BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only);
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

static __always_inline void count_loss(struct event_share* share, __u32 uid) {
  __sync_fetch_and_add(&lost_events, 1);
  __sync_fetch_and_add(&share->lost, 1);
  share->uid = uid;
}

// All of an event but its port's origin; null, and counted, where there is no place for it.
static __always_inline struct listen_event* begin(void* ring, struct sock* sk, __u64 cookie, __u8 kind,
                                                  __u8 protocol) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  __u64 now = bpf_ktime_get_ns();
  __u32 uid = BPF_CORE_READ(task, cred, euid.val);
  struct event_share* share = share_of(uid);
  struct listen_event* event = 0;
  if (has_place(ring, share, now)) event = bpf_ringbuf_reserve(ring, sizeof(*event), 0);
  if (!event) {
    count_loss(share, uid);
    return 0;
  }
  __builtin_memset(event, 0, sizeof(*event));
  event->time_ns = now;
  event->kind = kind;
  event->protocol = protocol;
  event->socket_cookie = cookie;
  describe_socket(event, sk);
  event->tgid = (__u32)(bpf_get_current_pid_tgid() >> 32);
  describe_process(task, &event->start_ns, &event->uid, &event->comm, &event->exe);
  return event;
}

static __always_inline int named_its_port(struct sock* sk) {
  return (BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) & SOCK_BINDPORT_LOCK) != 0;
}

// As inet_sk_get_local_port_range() (net/ipv4/inet_connection_sock.c): what lies outside of the system's
// range does not count.
static __always_inline int left_few_ports(struct sock* sk) {
  struct inet_sock* inet = (struct inet_sock*)sk;
  if (!bpf_core_field_exists(inet->local_port_range)) return 0; /* before Linux 6.3 */
  __u32 range = 0;
  bpf_probe_read_kernel(
      &range, sizeof(range),
      (char*)inet + __builtin_preserve_field_info(inet->local_port_range, BPF_FIELD_BYTE_OFFSET));
  if (range == 0) return 0;
  __u16 low = range & 0xffff;
  __u16 high = range >> 16;
  if (low < first_assigned_port || low > last_assigned_port) low = first_assigned_port;
  if (high < first_assigned_port || high > last_assigned_port) high = last_assigned_port;
  return high >= low && high - low < FEW_PORTS;
}

// Not inlined, so that who has nothing to tell need not make room for it.
static __noinline int tell_state(struct sock* sk, int opened) {
  /* MPTCP's own socket changes state beside its TCP subflow's; the subflow is the listener. */
  if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP) return 0;
  __u8 kind = opened ? LISTEN_EVENT_OPENED : LISTEN_EVENT_CLOSED;
  struct listen_event* event = begin(&events, sk, bpf_get_socket_cookie(sk), kind, IPPROTO_TCP);
  if (!event) return 0;
  event->port_choice = named_its_port(sk) || left_few_ports(sk) ? LISTEN_PORT_EXPLICIT : LISTEN_PORT_ASSIGNED;
  bpf_ringbuf_submit(event, wake_flag(&events, &last_event, event->time_ns));
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

// The programs of a cgroup must answer 1, always: anything else would refuse the call, for the whole machine.

// Before a bind(2): a port of 0 leaves the choice to the kernel. Afterwards nothing tells in time: the kernel
// notes that the program named a port only when post_bind is over.
static __always_inline int ask_for_port(struct bpf_sock_addr* context) {
  if (context->protocol != IPPROTO_UDP) return 1;
  __u64 thread = bpf_get_current_task();
  if (context->user_port == 0) {
    __u64 cookie = bpf_get_socket_cookie(context);
    bpf_map_update_elem(&any_port, &thread, &cookie, BPF_ANY);
  } else {
    bpf_map_delete_elem(&any_port, &thread);
  }
  return 1;
}

SEC("cgroup/bind4")
int choose_port4(struct bpf_sock_addr* context) {
  return ask_for_port(context);
}

SEC("cgroup/bind6")
int choose_port6(struct bpf_sock_addr* context) {
  return ask_for_port(context);
}

static __always_inline __u8 choice_of(struct sock* sk, __u64 cookie) {
  if (!knows_port_choice) return LISTEN_PORT_UNKNOWN;
  __u64 thread = bpf_get_current_task();
  __u64* asked = bpf_map_lookup_elem(&any_port, &thread);
  int left_to_kernel = asked && *asked == cookie;
  if (asked) bpf_map_delete_elem(&any_port, &thread);
  return left_to_kernel && !left_few_ports(sk) ? LISTEN_PORT_ASSIGNED : LISTEN_PORT_EXPLICIT;
}

// After a successful bind(2). What such a program is handed is the socket itself (kernel/bpf/cgroup.c:
// __cgroup_bpf_run_filter_sk), which it may read like any other kernel memory. Of a port that the kernel
// chose nothing is told: clients get one for each question they ask, and what stays is found by polls.
static __always_inline int tell_bound(struct bpf_sock* context) {
  if (context->protocol != IPPROTO_UDP) return 1;
  struct sock* sk = (struct sock*)context;
  __u64 cookie = bpf_get_socket_cookie(context);
  __u8 choice = choice_of(sk, cookie);
  if (choice == LISTEN_PORT_ASSIGNED) return 1;
  struct listen_event* event = begin(&udp_events, sk, cookie, LISTEN_EVENT_BOUND, IPPROTO_UDP);
  if (!event) return 1;
  event->port = (__u16)context->src_port;
  event->port_choice = choice;
  bpf_ringbuf_submit(event, wake_flag(&udp_events, &last_udp_event, event->time_ns));
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

static __always_inline int chose_its_port(struct sock* sk) {
  return named_its_port(sk) || left_few_ports(sk);
}

static __always_inline void tell_end(struct sock* sk, __u64 cookie, __u8 kind) {
  struct listen_event* event = begin(&udp_events, sk, cookie, kind, IPPROTO_UDP);
  if (!event) return;
  event->port_choice = LISTEN_PORT_EXPLICIT;
  bpf_ringbuf_submit(event, wake_flag(&udp_events, &last_udp_event, event->time_ns));
}

// The verifier lets only some members of the context's socket be read, and no offset be added to it. Its
// address, read as a number, is that of the whole.
static __always_inline struct sock* socket_of(struct bpf_sock_addr* context) {
  struct bpf_sock* guarded = context->sk;
  struct sock* sk = 0;
  bpf_probe_read_kernel(&sk, sizeof(sk), &guarded);
  return sk;
}

// Before a connect(2) of a datagram socket. One to port 0 leaves it open to every port of the address.
static __always_inline int tell_connected(struct bpf_sock_addr* context) {
  if (context->protocol != IPPROTO_UDP || context->user_port == 0) return 1;
  struct sock* sk = socket_of(context);
  if (!sk || !chose_its_port(sk)) return 1;
  if (BPF_CORE_READ(sk, __sk_common.skc_dport) != 0) return 1; /* from one peer to another */
  tell_end(sk, bpf_get_socket_cookie(context), LISTEN_EVENT_CONNECTED);
  return 1;
}

SEC("cgroup/connect4")
int get_peer4(struct bpf_sock_addr* context) {
  return tell_connected(context);
}

SEC("cgroup/connect6")
int get_peer6(struct bpf_sock_addr* context) {
  return tell_connected(context);
}

// At the last close of any socket of AF_INET and AF_INET6.
SEC("cgroup/sock_release")
int release_socket(struct bpf_sock* context) {
  if (context->protocol != IPPROTO_UDP) return 1;
  struct sock* sk = (struct sock*)context;
  if (!chose_its_port(sk) || BPF_CORE_READ(sk, __sk_common.skc_dport) != 0) return 1;
  tell_end(sk, bpf_get_socket_cookie(context), LISTEN_EVENT_CLOSED);
  return 1;
}
