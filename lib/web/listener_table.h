// SPDX-License-Identifier: Apache-2.0
// What is open now, a row of a table each.
#pragma once

#include <string>

#include "lib/model/view.h"

namespace sockwatch {

// The <tr> of every listener: what nobody expected first, then by port. Cells whose text does not sort as it
// reads carry data-sort.
std::string listener_rows_html(const View& view);

}  // namespace sockwatch
