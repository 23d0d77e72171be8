// SPDX-License-Identifier: Apache-2.0
// What the iterator over all open files tells about one that was looked for: the bytes it writes, shared by
// the program and its reader. C and C++; fixed sizes; largest members first, so no padding.
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "lib/bpf/told_process.h"

#define TASK_FILE_WANTED 16384 /* inodes of one search; a power of two */
/* After so many files without a hit a record with inode 0 ends the read(2), so that the reader can pause. */
#define TASK_FILE_PAUSE 4096

/* In place of a descriptor: it waits in a UNIX socket of that process to be received. */
#define TASK_FILE_IN_FLIGHT 0xffffffffU

struct task_file_hit {
  __u64 start_ns;  /* the process's start, since boot */
  __u64 exe_inode; /* the executable: anybody may give one the name below */
  __u64 exe_device;
  __u32 inode; /* 0: none, only a pause */
  __u32 tgid;  /* in the initial pid namespace */
  __u32 uid;   /* effective, in the initial user namespace */
  __u32 tid;   /* of the thread whose descriptor table it is in */
  __u32 fd;
  char comm[TOLD_COMM];
  char exe[TOLD_EXE];
};
