// SPDX-License-Identifier: Apache-2.0
// Lines of /proc/net/tcp and its sisters.
#include "lib/procfs/net_tables.h"

#include "lib/base/text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  for (const std::string_view line : split(fuzz::text(data, size), '\n')) {
    for (const NetTable table : all_of<NetTable>()) {
      const auto record = parse_net_line(line, table);
      if (record) fuzz::require(static_cast<std::size_t>(record->state) < kWordCount<SocketState>);
    }
  }
  return 0;
}
