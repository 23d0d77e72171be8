// SPDX-License-Identifier: Apache-2.0
// What was reported as wrong about listeners and not yet as over. Kept by listener: whatever ends a listener
// ends all that was reported about it, whoever owns it by then. One thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "lib/model/identity.h"
#include "lib/model/listener.h"

namespace sockwatch {

// Several listeners may be one to a reader: a program with 500 assigned ports.
struct Raised {
  Identity identity;    // with the address the same for all that are one
  std::string address;  // in the words of its family
  std::string subject;  // of the alert that raised it (subject.h)

  friend auto operator<=>(const Raised&, const Raised&) = default;
};

class RaisedSet {
 public:
  RaisedSet() = default;
  RaisedSet(const RaisedSet&) = delete;  // it points into itself
  RaisedSet& operator=(const RaisedSet&) = delete;

  // True where it is the first of its kind.
  bool hold(const ListenerKey& key, const Raised& raised);
  // Null where it is not held; until the next change.
  const Raised* find(const ListenerKey& key) const;
  // What was held, where it was the last of its kind.
  std::optional<Raised> let_go(const ListenerKey& key);

  // What is wrong besides: a second owner, exposed plaintext.
  void note(const ListenerKey& key, const std::string& subject) { notes_[key].insert(subject); }
  // Whether it was noted.
  bool take_note(const ListenerKey& key, const std::string& subject);
  // Forgets what begins so and is not among `still`: another alert took its place.
  void keep_notes(const ListenerKey& key, std::string_view begins, const std::set<std::string>& still);
  bool has_notes(const ListenerKey& key) const { return notes_.contains(key); }

  std::set<std::string> subjects() const;

 private:
  using Holding = std::map<Raised, std::size_t>;  // how many listeners each has; never 0
  Holding holding_;
  std::map<ListenerKey, Holding::iterator> raised_;
  std::map<ListenerKey, std::set<std::string>> notes_;
};

}  // namespace sockwatch
