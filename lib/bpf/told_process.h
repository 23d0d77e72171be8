// SPDX-License-Identifier: Apache-2.0
// How the BPF programs tell a process's names. C and C++.
#pragma once

#define TOLD_COMM 16 /* TASK_COMM_LEN */
#define TOLD_EXE 36  /* last component of the executable's path, cut */
