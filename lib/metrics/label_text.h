// SPDX-License-Identifier: Apache-2.0
// Foreign text as a label value: a process chooses its own name, and the label must stay one short line of
// UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sockwatch {

inline constexpr std::size_t kMaxLabelBytes = 128;

// printable() and then at most kMaxLabelBytes, cut between two characters. Different texts may become equal:
// whoever builds series from labels merges those whose labels are.
std::string label_text(std::string_view foreign);

}  // namespace sockwatch
