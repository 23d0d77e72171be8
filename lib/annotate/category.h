// SPDX-License-Identifier: Apache-2.0
// Which of RFC 6335's three ranges a port is in. Not the kernel's ip_local_port_range: that one moves with a
// sysctl, and well-known services (WireGuard on 51820) live inside it. Pure.
#pragma once

#include <cstdint>

#include "lib/model/annotation.h"

namespace sockwatch {

Category category_of(std::uint32_t port);

}  // namespace sockwatch
