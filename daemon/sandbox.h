// SPDX-License-Identifier: Apache-2.0
// What the daemon takes from itself once its event sources are open. The only user of libseccomp.
#pragma once

#include "lib/base/result.h"

namespace sockwatch {

// Refuses (EPERM), for good and in every thread, what only the start needed and what running never needs: new
// programs, BPF programs and perf events, other processes' memory and descriptors, io_uring, mounts, modules,
// other privileges. It stands beside the service manager's filter and also where the daemon is run by hand.
Result<void> refuse_unneeded_calls();

}  // namespace sockwatch
