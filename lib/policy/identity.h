// SPDX-License-Identifier: Apache-2.0
// What an owner is called in a rule, and the identities that are expected without one.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "lib/model/identity.h"

namespace sockwatch {

// What kind of name an owner is known by.
enum class OwnerKind { Container, Unit, Exe, None };
struct OwnerName {
  OwnerKind kind = OwnerKind::None;
  std::string name;
};

// The container; else the unit, where its name survives a restart (a login session's or a transient unit's
// does not); else the program of the first holder that has one.
OwnerName owner_of(const Owner& owner);

// Identities that are expected without a rule: learned at the first start. A value, cheap to ask.
class LearnedSet {
 public:
  void insert(Identity identity) { identities_.insert(std::move(identity)); }
  bool contains(const Identity& identity) const { return identities_.count(identity) != 0; }
  std::size_t size() const { return identities_.size(); }
  auto begin() const { return identities_.begin(); }
  auto end() const { return identities_.end(); }

  // Whether the set vouches for `identity`: holds the same, or one that reaches farther, or one learned
  // without an owner, or without the program of a numbered container. That one was open at the first start
  // and could not be attributed then (no permission, say); to demand an owner later would alert about exactly
  // what was to be accepted. What takes IPv4 and IPv6 is covered where both are, by two entries as well.
  bool covers(const Identity& identity) const;
  // Whether it would vouch for `identity` if more were known of its owner.
  bool may_cover(const Identity& identity) const;

  friend bool operator==(const LearnedSet&, const LearnedSet&) = default;

 private:
  // By place and owner: those that may vouch for an identity follow each other.
  struct ByOwner {
    bool operator()(const Identity& a, const Identity& b) const;
  };
  bool vouches(const Identity& identity, const std::string& owner) const;

  std::set<Identity, ByOwner> identities_;
};

// Whether what reaches as far as `narrow` reaches nobody whom `wide` does not.
bool reaches_no_farther(const Identity& narrow, const Identity& wide);

}  // namespace sockwatch
