// SPDX-License-Identifier: Apache-2.0
// /proc/PID/stat, whose name in the middle the process chooses; and the target of /proc/PID/exe.
#include "lib/procfs/process_table.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const std::string_view text = fuzz::text(data, size);
  if (const auto stat = parse_process_stat(text)) {
    fuzz::require(text.find("(" + stat->comm + ")") != std::string_view::npos);
  }
  const std::string exe = normalise_exe(std::string(text), StoreHash::LeftOut);
  fuzz::require(exe.size() <= text.size());
  return 0;
}
