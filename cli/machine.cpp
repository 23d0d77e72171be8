// SPDX-License-Identifier: Apache-2.0
#include "cli/machine.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cli/connection_list.h"
#include "lib/monitor/kernel_sockets.h"

namespace sockwatch {
namespace {

const SystemClock kClock;

// Most holders are found among the processes of a socket's cgroup: the search is loaded into the kernel only
// where somebody is not.
class SearcherOnDemand final : public SocketSearcher {
 public:
  std::unique_ptr<SocketSearch> search(std::vector<std::uint32_t> inodes) override {
    if (!opened_) {
      opened_ = true;
      std::string why_not;  // then /proc has to do
      if (auto searcher = make_searcher(OwnersMode::Auto, why_not); searcher.ok())
        searcher_ = *std::move(searcher);
    }
    return searcher_ ? searcher_->search(std::move(inodes)) : nullptr;
  }

 private:
  bool opened_ = false;
  std::unique_ptr<SocketSearcher> searcher_;
};

// In the network namespace the calling thread is in.
std::optional<std::vector<std::string>> interfaces_up_here() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return std::nullopt;
  std::set<std::string> names;
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    if ((each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0)
      names.insert(each->ifa_name);
  }
  ::freeifaddrs(all);
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace

Machine::Machine(std::unique_ptr<LiveSource> host, std::unique_ptr<NamespaceRoster> roster, Pipeline pipeline,
                 OwnerResolver owners, ServiceTable services)
    : roster_(std::move(roster)),
      source_(std::move(host), roster_.get()),
      monitor_({&source_, &source_}, std::move(pipeline)),
      owners_(std::move(owners)),
      services_(std::move(services)) {
  if (roster_) monitor_.watch_namespaces(*roster_);
}

Machine::Families Machine::usual_families(const Setup& setup) {
  Families families{setup.settings().watch.families};
  const auto& rules = setup.policy.rules;
  const bool meant =
      std::any_of(rules.begin(), rules.end(), [](const Rule& rule) { return rule.means(Protocol::Unix); });
  if (!meant) std::erase(families.protocols, Protocol::Unix);
  return families;
}

Result<std::unique_ptr<Machine>> Machine::open(const Place& place, const Setup& setup,
                                               const Families& families) {
  auto source = LiveSource::open({families.protocols, place.roots.proc, {}, families.bound});
  if (!source.ok()) return source.error();
  auto roster = make_roster(setup.settings(), place.roots.proc, (*source)->name_space());
  if (!roster.ok()) return roster.error();
  // What a daemon has learned here is expected here, too, and so is where it serves.
  std::optional<Memory> memory = recall(place.state_dir, place.roots.proc, (*source)->name_space());
  Setup here = setup;
  expect_running_daemon(memory, here.policy.built_in);
  if (!place.with_memory) memory.reset();
  OwnerHelp help;
  if (setup.settings().watch.owners != OwnersMode::Proc) {
    help.searcher = std::make_unique<SearcherOnDemand>();
    help.kernel_sockets = std::make_unique<KernelSockets>((*source)->name_space(), roster->get(), kClock);
  }
  auto pipeline = make_pipeline(here, place.roots, roster->get(), std::move(help));
  if (!pipeline.ok()) return pipeline.error();
  auto owners = make_owner_resolver(place.roots);
  if (!owners.ok()) return owners.error();
  const bool learned = memory.has_value();
  if (memory) pipeline->restore(*std::move(memory));

  if (families.asked_for) pipeline->find_all_owners();
  std::unique_ptr<Machine> machine(new Machine(*std::move(source), *std::move(roster), *std::move(pipeline),
                                               *std::move(owners), setup.services));
  machine->anything_learned_ = learned;
  machine->asked_for_ = families.asked_for;
  return machine;
}

Look Machine::look(Depth depth) {
  const auto first = monitor_.look(LookKind::Listeners, clock_);
  if (!first_look_) first_look_ = first.delta.time;
  // What was known before and is missing now counts as open until a second look misses it, too.
  if (monitor_.pipeline().ledger().suspects()) (void)monitor_.look(LookKind::Listeners, clock_);
  std::vector<Unseen> unseen = monitor_.unseen();

  std::optional<std::vector<SocketRecord>> connections;
  if (depth != Depth::Listeners) {
    ConnectionList list;
    list.collect(source_, clock_.now());
    connections = list.take();
    const auto& more = source_.report().unseen;
    unseen.insert(unseen.end(), more.begin(), more.end());
  }
  std::vector<Listener> listeners = monitor_.pipeline().ledger().listeners();
  forget_unknown_first_seen(listeners, *first_look_);

  Look look = put_together(std::move(listeners), std::move(connections), services_);
  if (depth == Depth::Counted) look.connections.clear();
  for (SeenConnection& connection : look.connections) {
    if (roster_) connection.annotation.name_space = roster_->name_of(connection.record.id.name_space);
  }
  find_owners(look.connections, owners_);
  drop_mere_lines(look);
  if (asked_for_) {
    const auto gaps = source_.host().sight().gaps([](Protocol) { return true; });
    unseen.insert(unseen.end(), gaps.begin(), gaps.end());
  }
  look.unseen = std::move(unseen);
  if (roster_) {
    for (std::string& name : roster_->names()) look.namespaces.push_back(std::move(name));
  }
  look.source = source_.host().kind();
  look.anything_learned = anything_learned_;
  return look;
}

bool Machine::run_in(NamespaceId name_space, const std::function<void()>& run) {
  if (name_space == own_namespace()) {
    run();
    return true;
  }
  const auto inode = roster_ ? roster_->inode_of(name_space) : std::nullopt;
  return inode && roster_->enter(*inode, run).ok();
}

std::optional<std::vector<std::string>> Machine::interfaces_up(NamespaceId name_space) {
  const auto inode = roster_ ? roster_->inode_of(name_space) : std::nullopt;
  if (!inode) return std::nullopt;
  std::optional<std::vector<std::string>> found;
  (void)roster_->enter(*inode, [&found] { found = interfaces_up_here(); });  // not entered: not known
  return found;
}

}  // namespace sockwatch
