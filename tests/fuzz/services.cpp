// SPDX-License-Identifier: Apache-2.0
// A user's own port names.
#include "lib/annotate/service_rows.h"
#include "lib/base/text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const auto rows = read_service_rows("services.tsv", fuzz::text(data, size), ServiceSource::Override);
  if (!rows.ok()) {
    fuzz::require(rows.error().message.starts_with("services.tsv:"));
    fuzz::require(is_utf8(rows.error().message));
    return 0;
  }
  for (const ServiceRow& row : *rows) fuzz::require(!row.name.empty() && is_utf8(row.name));
  return 0;
}
