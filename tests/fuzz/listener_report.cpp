// SPDX-License-Identifier: Apache-2.0
// What a daemon, or whoever answers in its place, sends: read or refused, and still one line of JSON.
#include "lib/json/listener_report.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const auto report = read_listener_report(fuzz::text(data, size));
  if (!report.ok()) return 0;
  for (const ReportedListener& listener : *report) {
    fuzz::require(listener.json.starts_with('{') && listener.json.find('\n') == std::string::npos);
  }
  return 0;
}
