// SPDX-License-Identifier: Apache-2.0
// Everything that reads this machine's kernel, opened while there are the privileges for it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/hidden_watch.h"
#include "daemon/options.h"
#include "daemon/publishing.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/model/event_source.h"
#include "lib/model/view.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/namespace_roster.h"
#include "lib/monitor/setup.h"
#include "lib/monitor/touring_source.h"

namespace sockwatch {

class Watching {
 public:
  // In this order. Each poll has its own conversation with the kernel, so that a long dump of connections
  // never delays a poll of the listeners; a recording is one conversation: then they take turns.
  Result<void> open_sources(const Setup& setup, const Options& options);
  Result<Pipeline> open_pipeline(const Setup& setup, const Options& options, const Clock& clock);
  Result<void> open_hidden_watch(const Setup& setup, const Options& options);
  // Before there is any other thread, so that none keeps the privileges that it gives up.
  Result<void> open_events(const Setup& setup, const Options& options);

  Monitor::Sources sources() const;
  TouringSource& listeners() const { return *sources_[index(LookKind::Listeners)]; }
  NamespaceId name_space() const { return listeners().host().name_space(); }
  // Null: only our own namespace is watched.
  NamespaceRoster* roster() const { return rosters_[index(LookKind::Listeners)].get(); }
  EventFeed* feed() const { return feed_.get(); }        // null: polls alone
  HiddenWatch* hidden() const { return hidden_.get(); }  // null: off
  bool has_connections() const { return sources_[index(LookKind::Connections)] != nullptr; }
  OwnerSource owner_source() const { return owner_source_; }
  SocketFacts facts() const { return {listeners().host().kind(), listeners().host().sight()}; }

  // After a poll of the connections: by what they were counted. Says why not by BPF.
  void note_counting(PerWord<ConnectionSource, bool>& sources);
  // By design of the sandbox, not a failure, so it is logged once and no alert.
  void say_what_is_not_watched() const;

 private:
  static std::size_t index(LookKind kind) { return static_cast<std::size_t>(kind); }

  // One a kind of poll, each used by its thread alone; null: our own namespace alone.
  PerWord<LookKind, std::unique_ptr<NamespaceRoster>> rosters_;
  // The thread's as the source that uses it; null while recording, which is of netlink's messages.
  std::unique_ptr<ConnectionCounting> counting_;
  PerWord<LookKind, std::unique_ptr<TouringSource>> sources_;
  std::unique_ptr<HiddenWatch> hidden_;
  std::unique_ptr<EventFeed> feed_;
  OwnerSource owner_source_ = OwnerSource::Proc;
  std::string counting_trouble_;  // as logged
};

}  // namespace sockwatch
