// SPDX-License-Identifier: Apache-2.0
// A conversation with sock_diag in another network namespace. The calling thread goes there, opens the
// channel and is back before the function returns; afterwards only the channel, as long as it is open, keeps
// the namespace alive.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "lib/netlink/kernel_channel.h"

namespace sockwatch {

// `path` is a file of nsfs: /proc/PID/ns/net or a mount of it; `inode` is the namespace it must still be.
// ENOENT or ESRCH: it is not, any more. EPERM or EACCES: it takes CAP_SYS_ADMIN, in the user namespace that
// owns it, too. Blocks for some 10 us.
// What else is to be done there, `on_arrival` does; it is not called where there is no way in.
Result<std::unique_ptr<KernelChannel>> open_channel_in(const std::string& path, std::uint64_t inode,
                                                       const std::function<void()>& on_arrival = nullptr);

}  // namespace sockwatch
