// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "lib/base/text.h"

namespace sockwatch {

Output standard_output(ColourMode mode) {
  Output output;
  output.terminal = ::isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (output.terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    output.width = size.ws_col;
    output.height = size.ws_row;
  }
  output.colour = wants_colour(mode, {output.terminal, std::getenv("NO_COLOR"), std::getenv("TERM")});
  return output;
}

Result<void> write_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return Error::from_errno("write to standard output", errno);
  }
  return {};
}

void remark(std::string_view text) {
  // Nobody is left to tell that standard error is gone.
  (void)std::fprintf(stderr, "sockwatch: %.*s\n", static_cast<int>(text.size()), text.data());
}

ExitCode fail(const Error& error, ExitCode code) {
  for (const std::string_view line : split(error.message, '\n')) {
    (void)std::fprintf(stderr, "%s\n", one_line(line).c_str());
  }
  return code;
}

}  // namespace sockwatch
