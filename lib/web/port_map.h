// SPDX-License-Identifier: Apache-2.0
// The port space as a picture: 0 to 65535 in three strips, one a category, every listener a mark. Marks that
// would cover each other are stacked, so the strips are also a count of what is open where.
#pragma once

#include <string>

#include "lib/model/view.h"

namespace sockwatch {

// SVG and captions as HTML. A disc is a stream, a square a datagram listener; its class is the verdict. Each
// mark is a link to its row in the listener table, with a title that says everything the row says.
std::string port_map(const View& view);

}  // namespace sockwatch
