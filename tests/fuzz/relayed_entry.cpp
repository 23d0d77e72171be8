// SPDX-License-Identifier: Apache-2.0
// What the relay would pass on as root: whatever the bytes, journald finds only our fields in them.
#include "lib/alert/relayed_entry.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const std::string_view entry = fuzz::text(data, size);
  if (!check_relayed(entry).ok()) return 0;
  fuzz::require(entry.ends_with('\n'));
  fuzz::require(entry.starts_with("MESSAGE") || entry.starts_with("SOCKWATCH_") ||
                entry.starts_with("OBJECT_") || entry.starts_with("PRIORITY=") ||
                entry.starts_with("SYSLOG_IDENTIFIER="));
  return 0;
}
