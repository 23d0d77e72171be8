// SPDX-License-Identifier: Apache-2.0
// Why something could not be decided, as small numbers, so that a set of reasons is one word. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lib/reach/octet.h"

namespace sockwatch::firewall {

class Reasons {
 public:
  // The set of this one reason. Past 63 of them all are "more".
  ReasonSet set_of(std::string_view reason) {
    auto found = std::find(texts_.begin(), texts_.end(), reason);
    if (found == texts_.end()) {
      if (texts_.size() == 63) texts_.emplace_back("more reasons than are told apart");
      if (texts_.size() == 64) return ReasonSet{1} << 63;
      found = texts_.emplace(texts_.end(), reason);
    }
    return ReasonSet{1} << (found - texts_.begin());
  }

  std::vector<std::string> texts(ReasonSet set) const {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (((set >> i) & 1) != 0) texts.push_back(texts_[i]);
    }
    return texts;
  }

 private:
  std::vector<std::string> texts_;
};

}  // namespace sockwatch::firewall
