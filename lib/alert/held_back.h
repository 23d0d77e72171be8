// SPDX-License-Identifier: Apache-2.0
// Alerts about what may still stand, to be reported one by one when there is room. Bounded: where too many
// wait, the origin with the most of them loses its newest. One thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/model/event.h"

namespace sockwatch {

class HeldBack {
 public:
  static constexpr std::size_t kMost = 1000;

  // Takes the place of one with the same subject.
  void add(Alert alert, const std::string& origin);
  // A later alert says more.
  void drop(const std::string& subject);
  void keep_only(const std::set<std::string>& subjects);

  // The oldest of each origin by turns.
  std::vector<Alert> take(std::size_t most, std::size_t most_of_one);

  bool empty() const { return origins_.empty(); }
  std::size_t size() const { return origins_.size(); }
  std::vector<Alert> all() const;

 private:
  std::map<std::string, std::deque<Alert>> waiting_;  // by origin; no queue is empty
  std::map<std::string, std::string> origins_;        // by subject
};

}  // namespace sockwatch
