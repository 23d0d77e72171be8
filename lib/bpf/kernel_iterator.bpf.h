// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What an iterator's program is told of the walk (include/linux/bpf.h).
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;
struct bpf_iter_meta {
  struct seq_file* seq;
  __u64 session_id;
  __u64 seq_num;
};

#pragma clang attribute pop
