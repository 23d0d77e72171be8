// SPDX-License-Identifier: Apache-2.0
// The verdict on a listener at a moment: what the policy says, and whether that may still wait. A verdict
// waits for an owner that may be found yet, or for a client's socket to go; it waits once for each endpoint,
// whatever sockets follow one another there. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>

#include "lib/base/clock.h"
#include "lib/model/delta.h"
#include "lib/model/listener.h"
#include "lib/policy/builtin.h"
#include "lib/policy/identity.h"
#include "lib/policy/judge.h"
#include "lib/policy/rule.h"
#include "lib/watch/pipeline_settings.h"

namespace sockwatch {

class Verdicts {
 public:
  Verdicts(Policy policy, const PipelineSettings& settings) { set(std::move(policy), settings); }

  void set(Policy policy, const PipelineSettings& settings);
  // The only sockets that are our own pages.
  void expect_only(std::span<const OwnSocket> own);
  // What is open at the first poll has had its time: nothing waits until it is over.
  void first_poll_is_over() { first_ = false; }

  // `before` is the verdict that this one follows, on the same endpoint under the same policy; null where
  // there is none. What was unexpected stays so until something better is known.
  Verdict now(const Listener& listener, const Verdict* before, Instant now) const;
  // On what is gone and of which nothing more will be known.
  Verdict for_good(const Listener& listener) const;
  // Whether nothing but its age can still change the verdict: it is only counted.
  bool is_ignored(const Listener& listener, Instant now) const;
  // Whether the first poll learns it: no rule names it, whatever its age.
  bool is_nobodys(const Listener& listener) const;
  // It was taken for a client's, and has outlived one: to be judged again.
  bool has_outlived_clients(const Listener& listener, Instant now) const;

  bool owner_may_still_come(const Listener& listener, Instant now) const;
  // A datagram socket so young that a client may be about to connect it.
  bool may_get_peer(const Listener& listener, Instant now) const;
  // Remembers since when endpoints have been pending. Once for each poll, after it was judged.
  void note_pending(const Delta& delta);

  const Policy& policy() const { return policy_; }
  LearnedSet& learned() { return learned_; }
  const LearnedSet& learned() const { return learned_; }

 private:
  // More endpoints than this at once are judged like new ones each time.
  static constexpr std::size_t kMostPending = 16'384;

  struct Wait {
    MonotonicTime since{};
    MonotonicTime last{};
  };

  enum class Age : std::uint8_t { Young, Lasting };
  Age age_of(const Listener& listener, Instant now) const;
  Verdict by_policy(const Listener& listener, OwnerEvidence evidence, Age age) const;
  bool is_reserved(const Listener& listener) const;
  MonotonicTime waiting_since(const Listener& listener) const;
  bool may_be_closed(const Listener& listener) const;
  bool may_be_client(const Listener& listener) const;
  bool may_soon_be_gone(const Listener& listener, Instant now) const;

  Policy policy_;
  Policy of_lasting_;  // without the built-in rules that take a socket for a client's
  LearnedSet learned_;
  PipelineSettings settings_;
  std::map<ListenerKey, Wait> pending_;
  bool first_ = true;
};

}  // namespace sockwatch
