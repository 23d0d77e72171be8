// SPDX-License-Identifier: Apache-2.0
// Decides which changes a person hears about, and remembers what was raised so that it can be cleared. The
// restart grace has been applied before: what is closed here is gone for good. One thread; no I/O.
//
// What counts as one and the same: namespace, protocol, address, owner and port, with "assigned" in place of
// a port the kernel handed out. So a program with 500 assigned ports is one alert, and one that takes another
// assigned port at every start is no news.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "lib/model/delta.h"
#include "lib/model/event.h"
#include "lib/model/owner_identity.h"

namespace sockwatch {

class Gate {
 public:
  // The policy lines that would expect a listener. Called for unexpected ones only.
  using AllowText = std::function<std::string(const Listener&)>;

  explicit Gate(AllowText allow) : allow_(std::move(allow)) {}

  // Takes what an earlier run knew as told already. Before the first offer().
  void restore(std::span<const Listener> known);

  // Deltas in order, each once.
  std::vector<Alert> offer(const Delta& delta);

  // A part of the machine cannot be seen any more, or can again. Told once until the opposite is said.
  std::vector<Alert> degraded(const std::string& what, const std::string& why, Instant now);
  std::vector<Alert> recovered(const std::string& what, Instant now);

 private:
  struct Identity {
    std::string name_space;
    Protocol protocol;
    Endpoint place;  // without what the kernel chose: an assigned port or name
    OwnerIdentity owner;

    friend auto operator<=>(const Identity&, const Identity&) = default;
  };
  static Identity identity_of_listener(const Listener& listener);

  // Each adds to `alerts_` what there is to tell.
  void follow(const Listener& listener, Instant when);
  void pass_by(const Listener& listener);
  void replace(const ListenerChange& change);
  void update(const ListenerChange& change, Instant when);
  void settle(const Listener& before, const Listener& after);
  void close(const Listener& listener, Instant when);

  // True where it is the first of its identity.
  bool hold(const Listener& listener);
  // True where it was held and was the last of its identity.
  bool let_go(const ListenerKey& key);

  AllowText allow_;
  std::map<ListenerKey, Identity> raised_;
  std::map<Identity, std::size_t> holding_;  // how many raised listeners each identity has; never 0
  // Replaced by somebody the policy could not judge yet: who was there before.
  std::map<ListenerKey, Listener> unsettled_;
  std::set<std::string> degraded_;
  std::vector<Alert> alerts_;  // of the offer under way
};

}  // namespace sockwatch
