// SPDX-License-Identifier: Apache-2.0
// What the running daemon still asks of bpf(2), once every program is loaded and attached.
#pragma once

#include <linux/bpf.h>

#include <array>
#include <cstdint>

namespace sockwatch {

using BpfCommands = std::array<std::uint64_t, 2>;

// Ascending. To begin a walk over files or TCP sockets, and to take what it counted. The rings are mapped.
inline constexpr BpfCommands kBpfCommandsOfRunning = {BPF_MAP_LOOKUP_AND_DELETE_BATCH, BPF_ITER_CREATE};

}  // namespace sockwatch
