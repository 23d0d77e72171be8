// SPDX-License-Identifier: Apache-2.0
// Whether a TCP or UDP port of this network namespace is hidden from somebody who asks the kernel. Asks
// sock_diag, /proc/net, BPF iterators and bind(2); about a second of CPU at most.
#pragma once

#include <string>
#include <vector>

#include "lib/crosscheck/cross_check.h"
#include "lib/json/json.h"

namespace sockwatch {

// `proc` is usually "/proc". What could not be asked (BPF needs privileges) is in `unseen`.
CrossCheck::Result find_hidden_ports(const std::string& proc);

// One line a hidden port, or that there is none.
std::string hidden_ports_text(const CrossCheck::Result& result);
// "hidden":[{"protocol","port","denied_by","shown_by"}]
JsonMember hidden_ports_json(const CrossCheck::Result& result);

}  // namespace sockwatch
