// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/owner.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

#include "lib/procfs/cgroup_path.h"
#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

constexpr std::size_t kCgroupFileCap = 65536;
// Of the first poll: what is not found by then is sought by the next ones. The daemon is ready after it,
// whoever makes searching dear.
constexpr std::size_t kStepsOfWhole = 500'000;
constexpr Duration kWholeWalk = std::chrono::seconds(1);

// Only the first pid namespace shows every process of the machine. Pid 1 tells which one `proc` is of, also
// where it is another's than ours; where it may not be asked, we take it for ours.
bool is_first_pid_namespace(const Dir& proc) {
  constexpr std::string_view kFirst = "pid:[4026531836]";  // PROC_PID_INIT_INO
  auto link = proc.read_link("1/ns/pid");
  if (!link) link = proc.read_link("self/ns/pid");
  return !link || *link == kFirst;
}

}  // namespace

// One call of resolve().
struct OwnerResolver::Round {
  std::vector<const SocketRecord*> sockets;  // the members of all queries, one query after the other
  std::vector<CgroupTree::Lookup> cgroups;   // of each socket
  HolderFindings findings;                   // those still sought are missing
  std::size_t budget;
  bool whole = false;
  ProcessesNow now = {};

  std::vector<std::uint32_t> sought() const {
    std::vector<std::uint32_t> inodes;
    for (const SocketRecord* socket : sockets) {
      if (socket->inode != 0 && !findings.contains(socket->inode)) inodes.push_back(socket->inode);
    }
    return inodes;
  }
  void spend(std::size_t steps) { budget -= std::min(budget, steps); }
};

OwnerResolver::OwnerResolver(Dir proc, std::optional<CgroupTree> cgroups, UserNames users,
                             std::size_t steps_per_call)
    : proc_(std::move(proc)),
      cgroups_(std::move(cgroups)),
      users_(std::move(users)),
      steps_per_call_(steps_per_call),
      sees_all_pids_(is_first_pid_namespace(proc_)) {}

std::vector<Owner> OwnerResolver::resolve(std::span<const OwnerQuery> queries, Search search) {
  users_.refresh();
  Round round{{},
              {},
              std::exchange(unfinished_, {}),
              search == Search::Whole ? kStepsOfWhole : steps_per_call_,
              search == Search::Whole};
  round.findings.merge(std::exchange(found_between_, {}));
  for (const OwnerQuery& query : queries) {
    for (const SocketRecord& member : query.members) round.sockets.push_back(&member);
  }
  // What the kernel said with the socket: costs no read of /proc.
  locate(round);
  // Who held it before holds it still, nearly always.
  ask_known(round);
  // Who was seen opening it may hold it.
  ask_openers(queries, round);
  // Who created a socket nearly always holds it still, and has few processes.
  search_cgroups(round);
  // What was inherited, passed on or socket-activated is held elsewhere.
  search_everywhere(round);

  std::vector<Owner> owners;
  owners.reserve(queries.size());
  std::size_t first_socket = 0;
  for (const OwnerQuery& query : queries) {
    owners.push_back(conclude(query, first_socket, round));
    first_socket += query.members.size();
    if (owners.back().state == OwnerState::Budget) keep_findings(query, round);
  }
  for (const SocketRecord* socket : round.sockets) {
    if (const auto found = round.findings.find(socket->inode); found != round.findings.end())
      memory_.learn(*socket, found->second.held, found->second.left_out);
  }
  if (!walk_) doubted_.clear();
  return owners;
}

Owner OwnerResolver::conclude(const OwnerQuery& query, std::size_t first_socket, const Round& round) const {
  const std::span<const CgroupTree::Lookup> cgroups = round.cgroups;
  const auto is_kernel_socket = [this](const SocketRecord& socket) {
    return kernel_sockets_ ? kernel_sockets_->is_kernel_socket(socket) : std::nullopt;
  };
  return conclude_owner(
      query, {round.findings, cgroups.subspan(first_socket, query.members.size()), users_, sees_all_pids_,
              is_kernel_socket, [this](const Holder& holder) { return cgroup_path_of(holder); }});
}

void OwnerResolver::keep_findings(const OwnerQuery& query, const Round& round) {
  for (const SocketRecord& member : query.members) {
    if (const auto found = round.findings.find(member.inode); found != round.findings.end())
      unfinished_.insert(*found);
  }
}

std::vector<Owner> OwnerResolver::creators_of(std::span<const SocketRecord> sockets) {
  users_.refresh();
  Round round{{}, {}, {}, 0};
  for (const SocketRecord& socket : sockets) round.sockets.push_back(&socket);
  locate(round);
  std::vector<Owner> owners;
  owners.reserve(sockets.size());
  for (std::size_t i = 0; i < sockets.size(); ++i)
    owners.push_back(conclude({sockets.subspan(i, 1)}, i, round));
  return owners;
}

void OwnerResolver::locate(Round& round) {
  round.cgroups.resize(round.sockets.size());
  if (!cgroups_) return;
  // Many sockets share few cgroups, and each costs the kernel a look-up.
  std::vector<std::uint64_t> ids;
  ids.reserve(round.sockets.size());
  for (const SocketRecord* socket : round.sockets) ids.push_back(socket->cgroup_id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const std::vector<CgroupTree::Lookup> paths =
      round.whole ? cgroups_->paths_of(ids, kWholeWalk) : cgroups_->paths_of(ids);
  for (std::size_t i = 0; i < round.sockets.size(); ++i) {
    const auto id = std::lower_bound(ids.begin(), ids.end(), round.sockets[i]->cgroup_id);
    round.cgroups[i] = paths[static_cast<std::size_t>(id - ids.begin())];
  }
}

void OwnerResolver::ask_known(Round& round) const {
  const auto is_systemd = [](const HeldSocket& held) { return held.holder.id.pid == 1; };
  for (const SocketRecord* socket : round.sockets) {
    if (socket->inode == 0 || round.findings.contains(socket->inode)) continue;
    std::vector<HeldSocket> held = memory_.still_held(proc_, *socket, round.now);
    // It holds a socket unit's socket for somebody who may have come by now.
    if (std::all_of(held.begin(), held.end(), is_systemd)) continue;
    round.findings[socket->inode] = {std::move(held), memory_.left_out(*socket)};
  }
}

// He need not hold it any more: he may have passed it on and closed it. Who has opened many is asked once.
void OwnerResolver::ask_openers(std::span<const OwnerQuery> queries, Round& round) {
  std::map<std::int32_t, std::vector<std::uint32_t>> inodes_by_opener;
  for (const OwnerQuery& query : queries) {
    if (query.opener == nullptr || query.members.empty()) continue;
    const SocketRecord& socket = query.members.back();
    if (socket.inode == 0 || round.findings.contains(socket.inode)) continue;
    const std::optional<Holder>& opener = round.now.at(proc_, query.opener->id.pid);
    if (!opener || opener->id != query.opener->id) continue;  // ended, and the pid is another's
    if (opener->id.pid == 1) continue;  // it opens the sockets of socket units for others
    inodes_by_opener[opener->id.pid].push_back(socket.inode);
  }
  for (auto& [pid, inodes] : inodes_by_opener) {
    if (round.budget == 0) return;
    HolderSearch search(std::move(inodes), {pid});
    round.spend(search.step(proc_, refused_, round.budget / 4 + 1));
    for (const HeldSocket& held : search.found()) round.findings[held.inode].held.push_back(held);
  }
}

bool OwnerResolver::recognise(Holder& caller, bool place_known) const {
  const auto process = open_process(proc_, caller.id.pid);
  if (!process) return true;
  if (!place_known) {
    const auto theirs = process->read_link("ns/net");
    const auto ours = proc_.read_link("self/ns/net");
    if (theirs && ours && *theirs != *ours) return false;
  }
  auto now = read_holder(*process, caller.id.pid);
  if (!now) return true;
  if (caller.id.start_ticks == 0) {
    caller = *std::move(now);
  } else if (now->id == caller.id && !now->exe.empty()) {
    caller.exe = std::move(now->exe);
  }
  return true;
}

// Takes at most half of the budget: however fruitless, the walk gets on with every call.
void OwnerResolver::search_cgroups(Round& round) {
  std::map<std::string_view, std::vector<std::uint32_t>> inodes_by_cgroup;
  for (std::size_t i = 0; i < round.sockets.size(); ++i) {
    const std::uint32_t inode = round.sockets[i]->inode;
    const std::string& path = round.cgroups[i].path;
    const bool walked_for = walk_ && walk_->looks_for(inode);  // was not found here before
    const bool found = round.findings.contains(inode);
    if (inode != 0 && path.size() > 1 && !walked_for && !found) inodes_by_cgroup[path].push_back(inode);
  }
  std::size_t share = round.budget / 2;
  for (auto& [path, inodes] : inodes_by_cgroup) {
    if (share == 0) return;
    auto pids = cgroups_->pids_of(std::string(path));
    if (!pids) continue;
    HolderSearch search(std::move(inodes), std::move(*pids));
    const std::size_t steps = search.step(proc_, refused_, share);
    round.spend(steps);
    share -= std::min(share, steps);
    if (!search.done()) return;
    for (const HeldSocket& held : search.found()) {
      Finding& finding = round.findings[held.inode];
      finding.held.push_back(held);
      finding.left_out = search.left_out(held.inode);
    }
  }
}

void OwnerResolver::search_everywhere(Round& round) {
  std::vector<std::uint32_t> sought = round.sought();
  const auto in_walk = [&](std::uint32_t inode) { return walk_->looks_for(inode); };
  if (walk_ && std::none_of(sought.begin(), sought.end(), in_walk)) walk_.reset();

  while (!sought.empty() && round.budget > 0) {
    if (!walk_) walk_.emplace(proc_, refused_, sought, quick_search(sought));
    // Even who waits for a search does not wait long for what is found so seldom.
    if (walk_->last_resort()) round.budget = std::min(round.budget, kStepsOfLastResort);
    round.spend(walk_->step(round.budget));
    take_found(round.now, round.findings);
    if (walk_->done()) {
      walk_.reset();
      sought = round.sought();
    }
  }
}

std::unique_ptr<SocketSearch> OwnerResolver::quick_search(const std::vector<std::uint32_t>& inodes) {
  // It tells pids of the first pid namespace.
  return searcher_ && sees_all_pids_ ? searcher_->search(inodes) : nullptr;
}

// Many sockets have few holders: each is read once.
bool OwnerResolver::complete_exes(Finding& finding, ProcessesNow& now) const {
  bool all_run = true;
  for (HeldSocket& held : finding.held) {
    if (held.holder.exe.find('/') != std::string::npos) continue;
    const std::optional<Holder>& process = now.at(proc_, held.holder.id.pid);
    if (!process || process->id != held.holder.id) {
      all_run = false;
    } else if (!process->exe.empty()) {
      held.holder.exe = process->exe;
    }
  }
  return all_run;
}

// Who has ended since holds nothing, and half a name would make it somebody else. Who is hidden from /proc
// alone is found again.
void OwnerResolver::take_found(ProcessesNow& now, HolderFindings& into) {
  for (auto& [inode, finding] : walk_->take()) {
    if (!complete_exes(finding, now) && doubted_.insert(inode).second) continue;
    doubted_.erase(inode);
    into[inode] = std::move(finding);
  }
}

bool OwnerResolver::go_on(std::size_t steps) {
  if (!walk_ || walk_->done()) return false;
  (void)walk_->step(steps);
  ProcessesNow now;
  take_found(now, found_between_);
  return !walk_->done();
}

bool OwnerResolver::is_current(std::span<const SocketRecord> members, ProcessesNow& now) const {
  return std::all_of(members.begin(), members.end(),
                     [&](const SocketRecord& member) { return memory_.is_current(proc_, member, now); });
}

void OwnerResolver::begin_census(std::vector<SocketFile> sockets) {
  std::vector<std::uint32_t> inodes;
  for (const SocketFile& socket : sockets) inodes.push_back(socket.inode);
  std::sort(inodes.begin(), inodes.end());
  memory_.keep_only(inodes);
  census_sockets_ = std::move(sockets);
  census_.emplace(proc_, refused_, inodes, quick_search(inodes));
}

std::optional<std::vector<std::uint32_t>> OwnerResolver::go_on_with_census(std::size_t steps) {
  if (!census_) return std::vector<std::uint32_t>{};
  (void)census_->step(steps);
  if (!census_->done() && !census_->last_resort()) return std::nullopt;
  HolderFindings findings = census_->take();
  census_.reset();
  std::vector<std::uint32_t> changed;
  ProcessesNow processes;
  for (const SocketFile& socket : std::exchange(census_sockets_, {})) {
    const auto found = findings.find(socket.inode);
    if (found == findings.end()) continue;
    const Finding& now = found->second;
    if (!memory_.lacks_one_of(socket, now.held) && memory_.left_out(socket) == now.left_out) continue;
    (void)complete_exes(found->second, processes);
    memory_.learn_more(socket, found->second.held, now.left_out);
    unfinished_[socket.inode] = found->second;
    changed.push_back(socket.inode);
  }
  return changed;
}

// Empty where the process ended since it was found.
std::string OwnerResolver::cgroup_path_of(const Holder& holder) const {
  const auto process = open_process(proc_, holder.id.pid);
  if (!process) return {};
  const auto stat = read_process_stat(*process);
  if (!stat || stat->start_ticks != holder.id.start_ticks) return {};
  const auto text = process->read_file("cgroup", kCgroupFileCap);
  return text ? pick_cgroup_path(*text) : std::string();
}

}  // namespace sockwatch
