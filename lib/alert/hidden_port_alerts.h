// SPDX-License-Identifier: Apache-2.0
// What is told of hidden ports: once when one is found, once when it is hidden no more. Pure.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/event.h"
#include "lib/model/hidden_port.h"

namespace sockwatch {

class HiddenPortAlerts {
 public:
  // `found` is what a search that came to its end has found.
  std::vector<Alert> update(std::span<const HiddenPort> found, Instant now);
  // The subjects of what is hidden now (lib/alert/subject.h).
  std::set<std::string> standing() const;

 private:
  using Key = std::pair<Protocol, std::uint32_t>;
  std::map<Key, HiddenPort> hidden_;
};

}  // namespace sockwatch
