// SPDX-License-Identifier: Apache-2.0
// From whom a process descends: often the answer to how a listener came there. Reads a few `stat` files,
// once; parents that have ended since are not there any more.
#pragma once

#include <string>

#include "lib/model/annotation.h"

namespace sockwatch {

// "bash (4700) < sshd (4690) < systemd (1)": the parent of the owner's first holder, its parent and so on, at
// most eight. Empty where that process is unknown or gone. Names are foreign bytes, without ( ) and <.
std::string parents_of(const Owner& owner, const std::string& proc_root);

}  // namespace sockwatch
