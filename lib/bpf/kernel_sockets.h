// SPDX-License-Identifier: Apache-2.0
// What the iterators over kernel sockets tell: one cookie after the other, 64 bits each. C and C++.
#pragma once

/* No more listeners come. */
#define KERNEL_SOCKETS_END 0
