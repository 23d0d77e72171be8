// SPDX-License-Identifier: Apache-2.0
// Whether a test holds of a packet whose source is a set and some of whose fields nobody can know: for which
// sources it must, and for which it may. The idea is that of Diekmann, Hupel, Michaelis, Haslbeck and Carle,
// "Verified iptables Firewall Analysis and Verification" (J. Autom. Reasoning 61, 2018): an approximation
// from below and one from above. Pure.
#pragma once

#include "lib/reach/address_set.h"

namespace sockwatch::firewall {

// Four sets, each within the next. What an ordinary sender does counts in the inner two, what any sender may
// do (exceed a limit, send from a privileged port, send fragments) only in the outer two.
struct Truth {
  AddressSet always;   // it holds whatever the sender does
  AddressSet must;     // it holds for an ordinary sender
  AddressSet may;      // it may hold for an ordinary sender
  AddressSet somehow;  // some sender can make it hold

  static Truth exactly(const AddressSet& set) { return {set, set, set, set}; }
  static Truth known(bool holds) { return exactly(holds ? AddressSet::everything() : AddressSet()); }
  static Truth unknown() { return {{}, {}, AddressSet::everything(), AddressSet::everything()}; }
  // The answer for an ordinary sender, who may do otherwise.
  static Truth usually(bool holds) {
    const AddressSet all = AddressSet::everything();
    return holds ? Truth{{}, all, all, all} : Truth{{}, {}, {}, all};
  }

  Truth operator!() const {
    const AddressSet all = AddressSet::everything();
    return {all - somehow, all - may, all - must, all - always};
  }
  friend Truth operator&(const Truth& a, const Truth& b) {
    return {a.always & b.always, a.must & b.must, a.may & b.may, a.somehow & b.somehow};
  }
  friend Truth operator|(const Truth& a, const Truth& b) {
    return {a.always | b.always, a.must | b.must, a.may | b.may, a.somehow | b.somehow};
  }
  friend bool operator==(const Truth&, const Truth&) = default;
};

}  // namespace sockwatch::firewall
