// SPDX-License-Identifier: Apache-2.0
// Everything that a start and a reload read: settings, port names, rules, and who may ask for the pages.
#pragma once

#include "daemon/options.h"
#include "lib/base/result.h"
#include "lib/monitor/setup.h"

namespace sockwatch {

// What the command line says wins over the files. All of it is valid, or the error lists the mistakes.
Result<Setup> load(const Options& options);

// Logs what is valid and hardly meant.
void say_warnings(const Setup& setup);

}  // namespace sockwatch
