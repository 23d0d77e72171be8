// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Which processes hold given sockets: one walk of the kernel over all open files of all processes, ten times
// cheaper than the same through /proc, and without a permission for each. Runs only when its file is read.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "lib/bpf/kernel_iterator.bpf.h"
#include "lib/bpf/kernel_process.bpf.h"
#include "lib/bpf/kernel_socket.bpf.h"
#include "lib/bpf/task_file.h"

char LICENSE[] SEC("license") = "GPL";

#define S_IFMT 0170000 /* include/uapi/linux/stat.h */
#define S_IFSOCK 0140000

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Descriptors on their way in a UNIX socket: include/net/scm.h, include/net/af_unix.h. */
#define SCM_MAX_FD 253
struct scm_fp_list {
  short count;
  struct file* fp[SCM_MAX_FD];
};
struct unix_skb_parms {
  struct scm_fp_list* fp;
};
struct sk_buff {
  struct sk_buff* next;
  char cb[48];
};
struct sk_buff_head___k {
  struct sk_buff* next;
};
struct sock___queue {
  struct sk_buff_head___k sk_receive_queue;
};

struct bpf_iter__task_file {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
  __u32 fd;
  struct file* file;
};

#pragma clang attribute pop

// Written by the reader before each walk, straight into memory: ascending, the rest of the table all ones.
__u32 wanted[TASK_FILE_WANTED] = {};

// Without a branch, of which the verifier would follow each way: one path in place of 16,384. A global
// function: it is looked at once, and not once a call. The compiler knows that the places stay within the
// table; the verifier of Linux 6.1 does not, so it shall see each of them cut to size. Unrolled, or the
// verifier walks through the loop 492,051 instructions long, which takes 0.36 s.
__noinline int is_wanted(__u32 inode) {
  __u64 place = 0;
#pragma unroll
  for (__u64 half = TASK_FILE_WANTED / 2; half > 0; half /= 2) {
    __u64 next = place + half;
    barrier_var(next);
    next &= TASK_FILE_WANTED - 1;
    __u64 at_most = ((__u64)wanted[next] - inode - 1) >> 63; /* 1 where wanted[next] <= inode */
    place += half * at_most;
  }
  barrier_var(place);
  return wanted[place & (TASK_FILE_WANTED - 1)] == inode;
}

static __always_inline int is_wanted_socket(struct file* file, __u32* inode_number) {
  struct inode* inode = BPF_CORE_READ(file, f_inode);
  *inode_number = (__u32)BPF_CORE_READ(inode, i_ino);
  return (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFSOCK && is_wanted(*inode_number);
}

/* Of one queue, and of one message: more are not looked at. */
#define MESSAGES_ASKED 64

struct flight {
  struct bpf_iter__task_file* context;
  __u32 tgid;
  struct sk_buff* message;
  const void* end; /* the queue's head, which its last message points to */
  struct scm_fp_list* files;
};

static long look_at_carried_file(__u32 index, struct flight* flight) {
  struct scm_fp_list* files = flight->files;
  struct file* file = 0;
  if (index >= SCM_MAX_FD) return 1;
  struct file** first = __builtin_preserve_access_index(&files->fp[0]);
  if (bpf_probe_read_kernel(&file, sizeof(file), first + index) || !file) return 1;
  struct task_file_hit hit = {};
  if (!is_wanted_socket(file, &hit.inode)) return 0;
  hit.tgid = flight->tgid;
  hit.fd = TASK_FILE_IN_FLIGHT;
  bpf_seq_write(flight->context->meta->seq, &hit, sizeof(hit));
  return 0;
}

static long look_at_message(__u32 index, struct flight* flight) {
  struct sk_buff* message = flight->message;
  if (!message || message == flight->end) return 1;
  struct unix_skb_parms* parms = (struct unix_skb_parms*)__builtin_preserve_access_index(&message->cb);
  flight->files = BPF_CORE_READ(parms, fp);
  if (flight->files) {
    struct scm_fp_list* files = flight->files;
    short count = BPF_CORE_READ(files, count);
    if (count > 0) bpf_loop((__u32)count, look_at_carried_file, flight, 0);
  }
  flight->message = BPF_CORE_READ(message, next);
  return 0;
}

/* Nothing is locked: a message that is received meanwhile may hide what follows it, as if it was received
 * too. */
static __always_inline void look_at_queue(struct bpf_iter__task_file* context, __u32 tgid,
                                          struct socket* socket) {
  struct sock* sk = BPF_CORE_READ(socket, sk);
  if (!sk || BPF_CORE_READ(sk, __sk_common.skc_family) != AF_UNIX) return;
  struct sock___queue* queued = (struct sock___queue*)sk;
  struct flight flight = {.context = context, .tgid = tgid};
  flight.end = __builtin_preserve_access_index(&queued->sk_receive_queue);
  flight.message = BPF_CORE_READ(queued, sk_receive_queue.next);
  if (flight.message == flight.end) return;
  bpf_loop(MESSAGES_ASKED, look_at_message, &flight, 0);
}

SEC("iter/task_file")
int socket_holders(struct bpf_iter__task_file* context) {
  struct task_struct* task = context->task;
  struct file* file = context->file;
  if (!task || !file) return 0;
  struct task_file_hit hit = {};
  struct inode* inode = file->f_inode;
  int is_socket = (inode->i_mode & S_IFMT) == S_IFSOCK;
  if (is_socket && is_wanted((__u32)inode->i_ino)) {
    hit.inode = (__u32)inode->i_ino;
    hit.tgid = (__u32)task->tgid;
    hit.tid = (__u32)task->pid;
    hit.fd = context->fd;
    describe_process(task, &hit.start_ns, &hit.uid, &hit.comm, &hit.exe);
    struct inode* exe = BPF_CORE_READ(task, mm, exe_file, f_inode);
    hit.exe_inode = BPF_CORE_READ(exe, i_ino);
    hit.exe_device = BPF_CORE_READ(exe, i_sb, s_dev);
    bpf_seq_write(context->meta->seq, &hit, sizeof(hit));
  } else if ((context->meta->seq_num & (TASK_FILE_PAUSE - 1)) == TASK_FILE_PAUSE - 1) {
    bpf_seq_write(context->meta->seq, &hit, sizeof(hit));
  }
  if (is_socket) look_at_queue(context, (__u32)task->tgid, file->private_data);
  return 0;
}
