// SPDX-License-Identifier: Apache-2.0
// Standard output and standard error: what they are, and writing to them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/colour.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "lib/base/result.h"

namespace sockwatch {

struct Output {
  bool terminal = false;
  std::size_t width = 0;  // 0: no terminal, so no limit
  std::size_t height = 0;
  bool colour = false;

  TableStyle table_style() const { return {width, colour, true}; }
};

// What standard output is at this moment.
Output standard_output(ColourMode mode);

// To standard output, at once. Whoever reads us may go away: then SIGPIPE ends the program, as it should.
Result<void> write_out(std::string_view text);

// One line on standard error for the person who ran the command. The text is printable already.
void remark(std::string_view text);

// The error, a line a mistake, with nothing in front of it: editors look for file:line:column at the start of
// a line. Foreign bytes are escaped here.
ExitCode fail(const Error& error, ExitCode code);

}  // namespace sockwatch
