// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/degradation.h"

#include <algorithm>

namespace sockwatch {
namespace {

// A dump that is cut short is repeated within a second; what lasts longer than this is no accident.
constexpr Duration kTolerated = std::chrono::seconds(5);

}  // namespace

Degradation::Changes Degradation::update(const std::vector<Unseen>& unseen, Instant now) {
  Changes changes;
  std::erase_if(parts_, [&](const auto& part) {
    const bool still =
        std::any_of(unseen.begin(), unseen.end(), [&](const Unseen& u) { return u.what == part.first; });
    if (!still && part.second.reported) changes.recovered.push_back(part.first);
    return !still;
  });
  for (const Unseen& missed : unseen) {
    Part& part = parts_.try_emplace(missed.what, Part{now.monotonic, 0, false}).first->second;
    ++part.polls;
    if (part.reported || part.polls < 2 || now.monotonic - part.since < kTolerated) continue;
    part.reported = true;
    changes.degraded.push_back(missed);
  }
  return changes;
}

std::size_t Degradation::count() const {
  return static_cast<std::size_t>(
      std::count_if(parts_.begin(), parts_.end(), [](const auto& part) { return part.second.reported; }));
}

}  // namespace sockwatch
