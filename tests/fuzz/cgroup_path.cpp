// SPDX-License-Identifier: Apache-2.0
// A cgroup's path, most of which a container may choose; and a whole /proc/PID/cgroup.
#include "lib/procfs/cgroup_path.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const std::string_view text = fuzz::text(data, size);
  const CgroupPlace place = parse_cgroup_path(text);
  fuzz::require(place == parse_cgroup_path(text));
  fuzz::require(place.unit.find('\0') == std::string::npos || text.find('\0') != std::string_view::npos);
  const std::string picked = pick_cgroup_path(text);
  fuzz::require(text.find(picked) != std::string_view::npos);
  (void)parse_cgroup_path(picked);
  return 0;
}
