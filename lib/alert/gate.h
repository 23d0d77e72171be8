// SPDX-License-Identifier: Apache-2.0
// Decides which changes a person hears about, and remembers what was raised so that it can be cleared. The
// restart grace has been applied before: what is closed here is gone for good. One thread; no I/O.
//
// What counts as one and the same: its Identity and its address. So a program with 500 assigned ports is one
// alert, and one that takes another assigned port at every start is no news.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/alert/flap_damper.h"
#include "lib/alert/raised_set.h"
#include "lib/model/delta.h"
#include "lib/model/event.h"
#include "lib/model/listener_list.h"

namespace sockwatch {

class Gate {
 public:
  // The policy lines that would expect a listener. Called for unexpected ones only.
  using AllowText = std::function<std::string(const Listener&)>;

  // From whom its first holder descends. Called for what is told, so it may read a little.
  using ParentsText = std::function<std::string(const Owner&)>;

  explicit Gate(AllowText allow, ParentsText parents = nullptr);

  // Takes what an earlier run knew as told already. Before the first offer().
  void restore(const ListenerList& known);

  // Deltas in order, each once; what flaps is told later (flap_damper.h).
  std::vector<Alert> offer(const Delta& delta);
  // The daemon stops: what flaps is told now.
  std::vector<Alert> finish(Instant now) { return damper_.finish(now); }
  // What flaps and is not told yet.
  std::vector<Alert> withheld() const { return damper_.withheld(); }
  std::uint64_t flaps_folded() const { return damper_.folded(); }

  // A part of the machine cannot be seen any more, or can again. Told once until the opposite is said.
  std::vector<Alert> degraded(const std::string& what, const std::string& why, Instant now);
  std::vector<Alert> recovered(const std::string& what, Instant now);

  // What an earlier run has told of these subjects and still stands, as it is now.
  std::vector<Alert> restate(std::span<const Listener> open, std::set<std::string> subjects);

  // The subjects of what is raised and not cleared. Required rules are not among them: the pipeline knows.
  std::set<std::string> standing() const;

 private:
  // Each adds to `alerts_` what there is to tell.
  void follow(const Listener& listener, Instant when);
  void regroup(const ListenerChange& change, Instant when);
  void update(const ListenerChange& change, Instant now);
  // What is not one of the next is told as its message says, raised and cleared by its tone.
  void pass_on(const Transition& transition, Instant now);
  void change_owner(const Listener& before, const Listener& after);
  void upgrade(const Listener& before, const Listener& after);
  void join(const Listener& first, const Listener& second, Instant now);
  void part(const Listener& left, const Listener& remaining, Instant now);
  void pass_by(const Listener& listener);
  void close(const Listener& listener, Instant when);
  void drop_notes(const Listener& listener);
  // Under another subject where what it ends was raised under another.
  void tell(Alert alert, std::string message, std::string subject = {});
  std::string parents_of(const Owner& owner);

  bool hold(const Listener& listener);

  AllowText allow_;
  ParentsText parents_;
  // Of the last one asked for in the offer under way: a storm comes from few.
  std::optional<std::pair<ProcessId, std::string>> last_parents_;
  RaisedSet raised_;
  std::set<std::string> degraded_;
  std::vector<Alert> alerts_;  // of the offer under way
  FlapDamper damper_;
};

}  // namespace sockwatch
