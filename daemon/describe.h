// SPDX-License-Identifier: Apache-2.0
// --describe: the tables that this program is made of, as JSON, for whoever compares them with something
// else.
#pragma once

#include <string>

namespace sockwatch {

// {"schema":1,"properties":[{"name":"port",…},…],…} with a line break at its end. docs/json.md says what it
// holds.
std::string description();

}  // namespace sockwatch
