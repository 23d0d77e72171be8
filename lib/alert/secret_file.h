// SPDX-License-Identifier: Apache-2.0
// A password or a token in a file, as a receiver of webhooks wants one.
#pragma once

#include <string>

#include "lib/base/result.h"

namespace sockwatch {

// Without the blanks and line ends around it. An error names the file: it cannot be read, is empty, or has
// more than one line, of which the next would become a header of its own. Never quotes what is in it.
Result<std::string> read_secret(const std::string& path);

}  // namespace sockwatch
