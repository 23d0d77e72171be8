// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/owner.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "lib/annotate/kernel_ports.h"
#include "lib/model/owner_identity.h"
#include "lib/procfs/cgroup_path.h"
#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

constexpr std::size_t kCgroupFileCap = 65536;

// Only the first pid namespace shows every process of the machine. Pid 1 tells which one `proc` is of, also
// where it is another's than ours; where it may not be asked, we take it for ours.
bool is_first_pid_namespace(const Dir& proc) {
  constexpr std::string_view kFirst = "pid:[4026531836]";  // PROC_PID_INIT_INO
  auto link = proc.read_link("1/ns/pid");
  if (!link) link = proc.read_link("self/ns/pid");
  return !link || *link == kFirst;
}

// Who held it first comes first: who was known to hold it before, then who opened it, then the eldest
// process. Systemd comes last: it holds the sockets of socket units for those who serve them.
void order_and_merge(std::vector<Holder>& holders, const OwnerQuery& query) {
  const std::span<const Holder> known = query.before ? query.before->holders : std::span<const Holder>{};
  const auto order = [&](const Holder& holder) {
    const auto before =
        std::find_if(known.begin(), known.end(), [&](const Holder& each) { return each.id == holder.id; });
    const bool opened = query.opener != nullptr && query.opener->id == holder.id;
    return std::tuple(holder.id.pid == 1, before - known.begin(), !opened, holder.id.start_ticks,
                      holder.id.pid);
  };
  std::sort(holders.begin(), holders.end(),
            [&](const Holder& a, const Holder& b) { return order(a) < order(b); });
  const auto same = [](const Holder& a, const Holder& b) { return a.id == b.id; };
  holders.erase(std::unique(holders.begin(), holders.end(), same), holders.end());
}

OwnerState reason_without_holder(const SocketRecord& socket, CgroupTree::Answer cgroup,
                                 const Finding& finding, bool sees_all_pids) {
  if (finding.incomplete_view) return OwnerState::NoPermission;
  if (may_be_kernel(socket)) return OwnerState::Kernel;
  if (!sees_all_pids) return OwnerState::OtherPidNamespace;
  if (finding.in_flight) return OwnerState::InFlight;
  if (cgroup == CgroupTree::Answer::Gone) return OwnerState::Exited;
  return OwnerState::Unexplained;
}

// The uid of a socket that no file refers to says nothing.
bool same_creator(const SocketRecord& one, const SocketRecord& other) {
  return one.uid == other.uid || one.inode == 0 || other.inode == 0;
}

// What the second member's owner adds to that of the first.
void merge(Owner& owner, Owner more, const OwnerQuery& query) {
  owner.holders.insert(owner.holders.end(), std::make_move_iterator(more.holders.begin()),
                       std::make_move_iterator(more.holders.end()));
  order_and_merge(owner.holders, query);
  owner.user = owner.holders.empty() ? more.user : owner.holders.front().user;
  if (!owner.creator_uid)
    std::tie(owner.creator_uid, owner.creator_user) = std::tie(more.creator_uid, more.creator_user);
  if (more.opener) owner.opener = std::move(more.opener);
  const bool sought = owner.state == OwnerState::Budget || more.state == OwnerState::Budget;
  if (!owner.holders.empty()) owner.state = OwnerState::Known;
  if (sought) owner.state = OwnerState::Budget;
}

}  // namespace

// One call of resolve().
struct OwnerResolver::Round {
  std::vector<const SocketRecord*> sockets;  // the members of all queries, one query after the other
  std::vector<CgroupTree::Lookup> cgroups;   // of each socket
  HolderFindings findings;                   // those still sought are missing
  std::size_t budget;

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
  Round round{{}, {}, std::exchange(unfinished_, {}), search == Search::Whole ? SIZE_MAX : steps_per_call_};
  for (const OwnerQuery& query : queries) {
    for (const SocketRecord& member : query.members) round.sockets.push_back(&member);
  }
  // What the kernel said with the socket: costs no read of /proc.
  locate(round);
  // Who was seen opening it holds it, if he is still there.
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
  return owners;
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
  const std::vector<CgroupTree::Lookup> paths = cgroups_->paths_of(ids);
  for (std::size_t i = 0; i < round.sockets.size(); ++i) {
    const auto id = std::lower_bound(ids.begin(), ids.end(), round.sockets[i]->cgroup_id);
    round.cgroups[i] = paths[static_cast<std::size_t>(id - ids.begin())];
  }
}

void OwnerResolver::ask_openers(std::span<const OwnerQuery> queries, Round& round) const {
  for (const OwnerQuery& query : queries) {
    if (query.opener == nullptr || query.members.empty() || query.members.back().inode == 0) continue;
    const auto process = open_process(proc_, query.opener->id.pid);
    if (!process) continue;
    auto holder = read_holder(*process, query.opener->id.pid);
    if (!holder || holder->id != query.opener->id) continue;  // ended, and the pid is another's
    round.findings[query.members.back().inode].holders = {*std::move(holder)};
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
  if (caller.id.start_ticks != 0) {
    complete_exe(proc_, caller);
  } else if (auto holder = read_holder(*process, caller.id.pid)) {
    caller = *std::move(holder);
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
    if (inode != 0 && path.size() > 1 && !walked_for) inodes_by_cgroup[path].push_back(inode);
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
      round.findings[held.inode].holders.push_back(held.holder);
    }
  }
}

void OwnerResolver::search_everywhere(Round& round) {
  std::vector<std::uint32_t> sought = round.sought();
  const auto in_walk = [&](std::uint32_t inode) { return walk_->looks_for(inode); };
  if (walk_ && std::none_of(sought.begin(), sought.end(), in_walk)) walk_.reset();

  while (!sought.empty() && round.budget > 0) {
    // It tells pids of the first pid namespace.
    if (!walk_) {
      walk_.emplace(proc_, refused_, sought,
                    searcher_ && sees_all_pids_ ? searcher_->search(sought) : nullptr);
    }
    // Even who waits for a search does not wait for ever to hear why it was in vain.
    if (walk_->only_why()) round.budget = std::min(round.budget, kStepsForWhy);
    round.spend(walk_->step(round.budget));
    for (auto& [inode, finding] : walk_->take()) round.findings[inode] = std::move(finding);
    if (walk_->done()) {
      walk_.reset();
      sought = round.sought();
    }
  }
}

bool OwnerResolver::is_current(const Owner& owner, ProcessesNow& now) const {
  constexpr std::size_t kEnough = 4;  // of a server's many workers
  const auto first = owner.holders.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(std::min(owner.holders.size(), kEnough));
  return std::all_of(first, last, [&](const Holder& holder) {
    const auto [known, unread] = now.try_emplace(holder.id.pid, 0);
    if (unread) {
      const auto process = open_process(proc_, holder.id.pid);
      const auto stat = process ? read_process_stat(*process) : process.error();
      if (stat) known->second = stat->start_ticks;
    }
    return known->second != 0 && known->second == holder.id.start_ticks;
  });
}

// Each member for itself; those of the same owner become one.
Owner OwnerResolver::conclude(const OwnerQuery& query, std::size_t first_socket, const Round& round) {
  std::vector<Owner> owners;
  std::vector<const SocketRecord*> firsts;  // of each of them
  for (std::size_t i = 0; i < query.members.size(); ++i) {
    const SocketRecord& member = query.members[i];
    const bool last = i + 1 == query.members.size();
    Owner owner = conclude_member({query.members.subspan(i, 1), last ? query.opener : nullptr, query.before},
                                  first_socket + i, round);
    std::size_t same = 0;
    while (same < owners.size() &&
           !(same_creator(*firsts[same], member) && may_be_one(owners[same], owner))) {
      ++same;
    }
    if (same < owners.size()) {
      merge(owners[same], std::move(owner), query);
    } else {
      owners.push_back(std::move(owner));
      firsts.push_back(&member);
    }
  }
  if (owners.empty()) return {};
  Owner first = std::move(owners.front());
  first.others.assign(std::make_move_iterator(owners.begin() + 1), std::make_move_iterator(owners.end()));
  const auto sought = [](const Owner& owner) { return owner.state == OwnerState::Budget; };
  if (std::any_of(first.others.begin(), first.others.end(), sought)) first.state = OwnerState::Budget;
  return first;
}

Owner OwnerResolver::conclude_member(const OwnerQuery& query, std::size_t socket, const Round& round) {
  const std::span<const SocketRecord> members = query.members;
  const CgroupTree::Lookup& cgroup = round.cgroups[socket];
  Owner owner = find_holders(query, cgroup.answer, round);
  owner.cgroup = cgroup.path;

  const Holder* holder = owner.holders.empty() ? nullptr : &owner.holders.front();
  // The root (hybrid machines keep all there) or no path says nothing: then the holder's place has to do.
  const bool tells_nothing = cgroup.path.size() <= 1;
  const std::string path = tells_nothing && holder ? cgroup_path_of(*holder) : cgroup.path;
  CgroupPlace place = parse_cgroup_path(path);
  owner.unit = std::move(place.unit);
  owner.container = std::move(place.container);
  // systemd holds what nobody has taken over yet.
  if (holder && holder->id.pid != 1 && !tells_nothing) {
    std::string unit = parse_cgroup_path(cgroup_path_of(*holder)).unit;
    if (unit != owner.unit) owner.holder_unit = std::move(unit);
  }

  for (Holder& each : owner.holders) each.user = users_.name_of(each.uid);
  if (query.opener != nullptr) {
    owner.opener = *query.opener;
    owner.opener->user = users_.name_of(owner.opener->uid);
  }
  // Without a file the uid is 0, and not root's.
  if (members.front().inode != 0 && members.front().uid_told) {
    owner.creator_uid = members.front().uid;
    owner.creator_user = users_.name_of(*owner.creator_uid);
  }
  owner.user = owner.holders.empty() ? owner.creator_user : owner.holders.front().user;
  return owner;
}

// The holders of all members, and what follows from them.
Owner OwnerResolver::find_holders(const OwnerQuery& query, CgroupTree::Answer cgroup,
                                  const Round& round) const {
  Owner owner;
  owner.state = OwnerState::Exited;  // what no file refers to (inode 0) has nobody left
  bool settled = true;
  for (const SocketRecord& member : query.members) {
    if (member.inode == 0) continue;
    const auto entry = round.findings.find(member.inode);
    if (entry == round.findings.end()) {
      settled = false;
      continue;
    }
    const Finding& finding = entry->second;
    owner.holders.insert(owner.holders.end(), finding.holders.begin(), finding.holders.end());
    owner.state = reason_without_holder(member, cgroup, finding, sees_all_pids_);
  }
  // Nobody has it any more, but somebody was seen opening it.
  if (settled && owner.holders.empty() && query.opener != nullptr) owner.holders.push_back(*query.opener);
  order_and_merge(owner.holders, query);
  if (!owner.holders.empty()) owner.state = OwnerState::Known;
  if (!settled) owner.state = OwnerState::Budget;
  return owner;
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
