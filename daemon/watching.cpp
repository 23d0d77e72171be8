// SPDX-License-Identifier: Apache-2.0
#include "daemon/watching.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "daemon/privileges.h"
#include "lib/base/log.h"
#include "lib/monitor/event_choice.h"
#include "lib/monitor/kernel_sockets.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMostNamed = 10;

}  // namespace

Result<void> Watching::open_sources(const Setup& setup, const Options& options) {
  LiveSource::Options wanted{setup.settings().watch.families, options.proc_root, options.record_file};
  auto listeners = LiveSource::open(wanted);
  if (!listeners.ok()) return listeners.error();
  const NamespaceId own = (*listeners)->name_space();
  for (auto& roster : rosters_) {
    auto made = make_roster(setup.settings(), options.proc_root, own);
    if (!made.ok()) return made.error();
    roster = *std::move(made);
  }
  sources_[index(LookKind::Listeners)] = std::make_unique<TouringSource>(*std::move(listeners), roster());
  if (!options.record_file.empty()) return {};
  auto counting = make_counting(setup.settings().watch.connections_source, options.proc_root);
  if (!counting.ok()) return counting.error();
  counting_ = *std::move(counting);
  wanted.counting = counting_.get();
  auto connections = LiveSource::open(wanted);
  if (!connections.ok()) return connections.error();
  sources_[index(LookKind::Connections)] =
      std::make_unique<TouringSource>(*std::move(connections), rosters_[index(LookKind::Connections)].get());
  return {};
}

Monitor::Sources Watching::sources() const {
  const auto& connections = sources_[index(LookKind::Connections)];
  return {&listeners(), connections ? connections.get() : &listeners()};
}

Result<Pipeline> Watching::open_pipeline(const Setup& setup, const Options& options, const Clock& clock) {
  std::string why_not;
  auto searcher = make_searcher(setup.settings().watch.owners, why_not);
  if (!searcher.ok()) return searcher.error();
  owner_source_ = *searcher ? OwnerSource::Bpf : OwnerSource::Proc;
  if (!why_not.empty()) log::info("owners are looked for in /proc: " + why_not);
  OwnerHelp help{*std::move(searcher)};
  if (setup.settings().watch.owners != OwnersMode::Proc) {
    auto kernel_sockets = std::make_unique<KernelSockets>(name_space(), roster(), clock);
    kernel_sockets->open();
    help.kernel_sockets = std::move(kernel_sockets);
  }
  return make_pipeline(setup, ProcessRoots{options.proc_root, options.cgroup_root}, roster(),
                       std::move(help));
}

// Loads BPF, so while there are privileges for it.
Result<void> Watching::open_hidden_watch(const Setup& setup, const Options& options) {
  const Interval interval = setup.settings().watch.hidden;
  if (interval && options.record_file.empty()) hidden_ = HiddenWatch::open(options.proc_root, *interval);
  return {};
}

Result<void> Watching::open_events(const Setup& setup, const Options& options) {
  const WatchSettings& watch = setup.settings().watch;
  auto choice = choose_event_feed(watch.events, name_space(), options.cgroup_root, watch.namespaces,
                                  live_pipeline_settings(setup.settings(), options.proc_root));
  if (!choice.ok()) return choice.error();
  for (const std::string& refused : choice->refused) log::warning("event source not available: " + refused);
  feed_ = std::move(choice->feed);
  if (const auto missing = missing_sight(); !missing.empty()) log::warning(missing);
  if (auto given_up = give_up_privileges(); !given_up.ok())
    log::warning("privileges kept: " + given_up.error().message);
  if (const std::size_t others = other_threads(); others > 0)
    log::warning("privileges kept by other threads: " + std::to_string(others));
  return {};
}

// Between two polls it is ours. By netlink alone is as right, and more expensive where there are many.
void Watching::note_counting(PerWord<ConnectionSource, bool>& sources) {
  if (!counting_) return;
  sources = counting_->sources();
  if (counting_->trouble() == counting_trouble_) return;
  counting_trouble_ = counting_->trouble();
  log::info("connections are counted by netlink alone: " + counting_trouble_);
}

void Watching::say_what_is_not_watched() const {
  if (roster() == nullptr) return;
  const std::vector<Unseen> parts = roster()->out_of_sight();
  const std::size_t named = std::min(parts.size(), kMostNamed);  // any user can make namespaces
  for (const Unseen& part : std::span(parts).first(named))
    log::info("not watched: " + part.what + ": " + part.why);
  if (named < parts.size()) log::info("not watched: " + std::to_string(parts.size() - named) + " more");
}

}  // namespace sockwatch
