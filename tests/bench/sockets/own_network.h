// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sockwatch::bench {

// Puts the calling thread into a network namespace of its own, with its loopback up.
bool enter_own_network();

}  // namespace sockwatch::bench
