// SPDX-License-Identifier: Apache-2.0
// Writing TOML that reads back as what was meant, and that is safe to show on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace sockwatch {

// A basic string on one line, quotes included. Controls, and characters that reorder or break lines, become
// \uXXXX. TOML cannot hold a byte that is not UTF-8: such a byte becomes "?", in a glob still a match.
std::string toml_quote(std::string_view text);

}  // namespace sockwatch
