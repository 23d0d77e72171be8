// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/build.h"

namespace sockwatch {

BuildInfo build_info() {
  return {SOCKWATCH_VERSION, SOCKWATCH_REVISION};
}

std::string version_line(std::string_view program) {
  const BuildInfo build = build_info();
  return std::string(program) + " " + build.version + " (revision " + build.revision + ")";
}

}  // namespace sockwatch
