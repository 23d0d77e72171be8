// SPDX-License-Identifier: Apache-2.0
// What stays the same when a service is restarted: the answer to "have we seen this one before?". No pid, no
// cookie, no order of sockets, and no service name, which is only a hint.
#pragma once

#include <compare>
#include <cstddef>
#include <set>
#include <string>

#include "lib/model/listener.h"

namespace sockwatch {

struct Identity {
  std::string name_space;
  Protocol protocol = Protocol::Tcp;
  // The number, or what the family has instead (a path, an interface); "assigned" where the kernel chose it
  // and will choose another one each time.
  std::string port;
  Scope scope = Scope::Any;
  std::string owner;  // see owner_of(); empty where it is not known

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

Identity identity_of(const Listener& listener);

// What kind of name an owner is known by.
enum class OwnerKind { Container, Unit, Exe, None };
struct OwnerName {
  OwnerKind kind = OwnerKind::None;
  std::string name;
};

// The container; else the unit, where its name survives a restart (a login session's or a transient unit's
// does not); else the program of the holders, the first by name where they differ.
OwnerName owner_of(const Owner& owner);

// Identities that are expected without a rule: learned at the first start. A value, cheap to ask.
class LearnedSet {
 public:
  void insert(Identity identity) { identities_.insert(std::move(identity)); }
  bool contains(const Identity& identity) const { return identities_.count(identity) != 0; }
  std::size_t size() const { return identities_.size(); }
  auto begin() const { return identities_.begin(); }
  auto end() const { return identities_.end(); }

  // Whether the set vouches for `identity`: holds the same, or one learned without an owner. That one was
  // open at the first start and could not be attributed then (no permission, say); to demand an owner later
  // would alert about exactly what was to be accepted.
  bool covers(const Identity& identity) const;
  // Whether it would vouch for `identity` if its owner were another, still unknown one.
  bool may_cover(const Identity& identity) const;

  friend bool operator==(const LearnedSet&, const LearnedSet&) = default;

 private:
  std::set<Identity> identities_;
};

}  // namespace sockwatch
