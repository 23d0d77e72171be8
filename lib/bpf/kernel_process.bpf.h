// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// A process and its files as the kernel keeps them, for the BPF programs: only the fields that are read; the
// loader finds their offsets in the running kernel's BTF.
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "lib/bpf/told_process.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
  __u32 val;
} kuid_t;
struct super_block {
  __u32 s_dev;
};
struct inode {
  unsigned short i_mode;
  unsigned long i_ino;
  struct super_block* i_sb;
};
struct qstr {
  const unsigned char* name;
};
struct dentry {
  struct qstr d_name;
};
struct path {
  struct dentry* dentry;
};
struct file {
  struct path f_path;
  struct inode* f_inode;
  void* private_data;
};
struct mm_struct {
  struct file* exe_file;
};
struct cred {
  kuid_t euid;
};
struct task_struct {
  struct task_struct* group_leader;
  struct mm_struct* mm;
  const struct cred* cred;
  int tgid;
  int pid;
  __u64 start_boottime;
  char comm[TOLD_COMM];
};

#pragma clang attribute pop

static __always_inline void describe_process(struct task_struct* task, __u64* start_ns, __u32* uid,
                                             char (*comm)[TOLD_COMM], char (*exe)[TOLD_EXE]) {
  *uid = BPF_CORE_READ(task, cred, euid.val);
  *start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
  /* The process's name, as /proc/PID shows it: a thread may have another. */
  BPF_CORE_READ_STR_INTO(comm, task, group_leader, comm);
  const unsigned char* name = BPF_CORE_READ(task, mm, exe_file, f_path.dentry, d_name.name);
  if (!name || bpf_probe_read_kernel_str(*exe, TOLD_EXE, name) < 0) (*exe)[0] = 0;
}
