// SPDX-License-Identifier: Apache-2.0
// What the walk over the listening ports tells of one socket: the bytes it writes, shared by the program and
// its reader. C and C++; fixed sizes; no padding.
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

struct port_record {
  __u32 inode; /* 0: no file refers to the socket */
  __u16 port;  /* host byte order; 0: all TCP listeners were told */
  __u16 unused;
};
