// SPDX-License-Identifier: Apache-2.0
// Which elements of a set a key is, when parts of the key are the sender's address or not known at all.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "lib/reach/octet.h"
#include "lib/reach/ruleset.h"

namespace sockwatch::firewall {

struct SetHit {
  Truth truth;                          // that the key is this element, or one of several that say the same
  const SetElement* element = nullptr;  // of a map: data or verdict
};

class SetLookup {
 public:
  // All elements that the key may be, "*" included; none: it is not in the set. A set of addresses is looked
  // through once, whatever is asked of it later; the set must outlive this.
  std::vector<SetHit> find(const NamedSet& set, Octets key, IpFamily family);

 private:
  // Elements that say the same, as one set of addresses.
  using Groups = std::vector<std::pair<AddressSet, const SetElement*>>;
  const Groups& groups_of(const NamedSet& set, IpFamily family);

  std::map<std::pair<const NamedSet*, IpFamily>, Groups> groups_;
};

}  // namespace sockwatch::firewall
