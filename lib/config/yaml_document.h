// SPDX-License-Identifier: Apache-2.0
// A YAML text as the same plain tree that document.h makes of TOML. The one door to yaml-cpp: the file of
// --web.config.file is read from this tree, because its form is not ours to choose.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "lib/config/document.h"

namespace sockwatch {

// Only what such a file needs: one document, a mapping with unique keys at its top, no tags. A merge key (<<)
// adds the keys of other mappings. Messages quote nothing of the text, which holds secrets. Plain `true`,
// `yes`, `on` and their opposites are booleans; nothing at all is an empty string; every other scalar is a
// string. `file` is only the name used in messages. Any bytes are safe to pass; what does not fit is an error
// "file:line:column: what".
Result<Table> parse_yaml(std::string_view file, std::string_view text);

}  // namespace sockwatch
