// SPDX-License-Identifier: Apache-2.0
// The state file. What loads must be saved to the same text again and again.
#include "lib/state/state_file.h"

#include "lib/base/text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  constexpr NamespaceId kHost{7};
  const auto memory = parse_memory(fuzz::text(data, size), "boot", kHost);
  if (!memory.ok()) {
    fuzz::require(!memory.error().message.empty() && is_utf8(memory.error().message));
    return 0;
  }
  for (const Listener& listener : memory->known) fuzz::require(!listener.members.empty());
  const std::string saved = serialize_memory(*memory, "boot");
  const auto again = parse_memory(saved, "boot", kHost);
  fuzz::require(again.ok());
  fuzz::require(serialize_memory(*again, "boot") == saved);
  return 0;
}
