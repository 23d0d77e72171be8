// SPDX-License-Identifier: Apache-2.0
// The one line that `systemctl status` shows. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "lib/model/view.h"

namespace sockwatch {

std::size_t count_unexpected(const View& view);
// Listeners whose program we may not see.
std::size_t count_hidden(const View& view);
// `out_of_sight`: parts of the machine that looks fail to see.
std::string status_text(const View& view, std::size_t out_of_sight);

}  // namespace sockwatch
