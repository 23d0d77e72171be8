// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/owner_conclusion.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "lib/annotate/kernel_ports.h"
#include "lib/model/held_sockets.h"
#include "lib/model/owner_identity.h"
#include "lib/procfs/cgroup_path.h"

namespace sockwatch {
namespace {

// Who held it first comes first: who was known to hold it before, then who opened it, then the eldest
// process. Systemd comes last: it holds the sockets of socket units for those who serve them.
void order_and_merge(std::vector<Holder>& holders, const OwnerQuery& query) {
  std::map<std::pair<std::int32_t, std::uint64_t>, std::size_t> known;
  const auto remember = [&](const Holder& holder) {
    known.try_emplace({holder.id.pid, holder.id.start_ticks}, known.size());
  };
  if (query.before != nullptr) {
    for (const Holder& holder : query.before->holders) remember(holder);
  }
  if (query.opener != nullptr) remember(*query.opener);
  const auto order = [&](const Holder& holder) {
    const auto rank = known.find({holder.id.pid, holder.id.start_ticks});
    return std::tuple(holder.id.pid == 1, rank == known.end() ? known.size() : rank->second,
                      holder.id.start_ticks, holder.id.pid);
  };
  std::sort(holders.begin(), holders.end(),
            [&](const Holder& a, const Holder& b) { return order(a) < order(b); });
  const auto same = [](const Holder& a, const Holder& b) { return a.id == b.id; };
  holders.erase(std::unique(holders.begin(), holders.end(), same), holders.end());
}

OwnerState reason_without_holder(const SocketRecord& socket, CgroupTree::Answer cgroup,
                                 const Finding& finding, const OwnerEvidenceFound& found) {
  const std::optional<bool> told = found.is_kernel_socket ? found.is_kernel_socket(socket) : std::nullopt;
  if (told.value_or(false)) return OwnerState::Kernel;
  if (finding.incomplete_view) return OwnerState::NoPermission;
  // A process's socket on a port that the kernel is known for is not the kernel's, where the kernel tells.
  if (told ? may_be_adopted(socket) : may_be_kernel(socket)) return OwnerState::Kernel;
  if (!found.sees_all_pids) return OwnerState::OtherPidNamespace;
  if (finding.in_flight) return OwnerState::InFlight;
  if (cgroup == CgroupTree::Answer::Gone) return OwnerState::Exited;
  return OwnerState::Unexplained;
}

// The uid of a socket that no file refers to says nothing.
bool same_creator(const SocketRecord& one, const SocketRecord& other) {
  return one.uid == other.uid || one.inode == 0 || other.inode == 0;
}

// What the second member's owner adds to that of the first.
void merge(Owner& owner, Owner more) {
  owner.holders.insert(owner.holders.end(), std::make_move_iterator(more.holders.begin()),
                       std::make_move_iterator(more.holders.end()));
  owner.left_out = {std::max(owner.left_out.count, more.left_out.count),
                    owner.left_out.unlike || more.left_out.unlike};
  if (!owner.creator_uid) {
    owner.creator_uid = more.creator_uid;
    owner.creator_user = std::move(more.creator_user);
  }
  if (more.opener) owner.opener = std::move(more.opener);
  const bool sought = owner.state == OwnerState::Budget || more.state == OwnerState::Budget;
  if (!owner.holders.empty()) owner.state = OwnerState::Known;
  if (sought) owner.state = OwnerState::Budget;
}

// The holders of one socket, and what follows from them.
Owner find_holders(const OwnerQuery& query, CgroupTree::Answer cgroup, const OwnerEvidenceFound& found) {
  const SocketRecord& member = query.members.front();
  Owner owner;
  if (member.inode == 0) {
    // No file refers to it, so nobody can hold it any more; who opened it was the last that could.
    owner.state = OwnerState::Exited;
    if (query.opener != nullptr) owner.holders.push_back(*query.opener);
  } else if (const auto entry = found.findings.find(member.inode); entry == found.findings.end()) {
    owner.state = OwnerState::Budget;
    return owner;
  } else {
    for (const HeldSocket& held : entry->second.held) owner.holders.push_back(held.holder);
    owner.left_out = entry->second.left_out;
    owner.state = owner.holders.empty() ? reason_without_holder(member, cgroup, entry->second, found)
                                        : OwnerState::Known;
  }
  order_and_merge(owner.holders, query);
  if (!owner.holders.empty()) owner.state = OwnerState::Known;
  return owner;
}

Owner conclude_member(const OwnerQuery& query, const CgroupTree::Lookup& cgroup,
                      const OwnerEvidenceFound& found) {
  const SocketRecord& member = query.members.front();
  Owner owner = find_holders(query, cgroup.answer, found);
  owner.cgroup = cgroup.path;

  const Holder* holder = owner.holders.empty() ? nullptr : &owner.holders.front();
  // The root (hybrid machines keep all there) or no path says nothing: then the holder's place has to do.
  const bool tells_nothing = cgroup.path.size() <= 1;
  const std::string path = tells_nothing && holder ? found.cgroup_of(*holder) : cgroup.path;
  CgroupPlace place = parse_cgroup_path(path);
  owner.unit = std::move(place.unit);
  owner.container = std::move(place.container);
  // systemd holds what nobody has taken over yet.
  if (holder && holder->id.pid != 1 && !tells_nothing) {
    std::string unit = parse_cgroup_path(found.cgroup_of(*holder)).unit;
    if (unit != owner.unit) owner.holder_unit = std::move(unit);
  }

  for (Holder& each : owner.holders) each.user = found.users.name_of(each.uid);
  if (query.opener != nullptr) {
    owner.opener = *query.opener;
    owner.opener->user = found.users.name_of(owner.opener->uid);
  }
  if (member.inode != 0 && member.uid_told) {  // without a file the uid is 0, and not root's
    owner.creator_uid = member.uid;
    owner.creator_user = found.users.name_of(*owner.creator_uid);
  }
  owner.user = owner.holders.empty() ? owner.creator_user : owner.holders.front().user;
  return owner;
}

}  // namespace

Owner conclude_owner(const OwnerQuery& query, const OwnerEvidenceFound& found) {
  std::vector<Owner> owners;
  std::vector<const SocketRecord*> firsts;  // of each of them
  std::uint32_t more = 0;
  for (std::size_t i = 0; i < query.members.size(); ++i) {
    const SocketRecord& member = query.members[i];
    const bool last = i + 1 == query.members.size();
    Owner owner = conclude_member({query.members.subspan(i, 1), last ? query.opener : nullptr, query.before},
                                  found.cgroups[i], found);
    std::size_t same = 0;
    while (same < owners.size() &&
           !(same_creator(*firsts[same], member) && may_be_one(owners[same], owner))) {
      ++same;
    }
    if (same < owners.size()) {
      merge(owners[same], std::move(owner));
    } else if (owners.size() <= Owner::kMostOthers) {
      owners.push_back(std::move(owner));
      firsts.push_back(&member);
    } else {
      ++more;
    }
  }
  if (owners.empty()) return {};
  for (Owner& owner : owners) {
    order_and_merge(owner.holders, query);
    const HoldersLeftOut cut = keep_most(owner.holders, most_holders(1));
    owner.left_out = {owner.left_out.count + cut.count, owner.left_out.unlike || cut.unlike};
    owner.user = owner.holders.empty() ? owner.creator_user : owner.holders.front().user;
  }
  Owner first = std::move(owners.front());
  first.more_others = more;
  first.others.assign(std::make_move_iterator(owners.begin() + 1), std::make_move_iterator(owners.end()));
  const auto sought = [](const Owner& owner) { return owner.state == OwnerState::Budget; };
  if (std::any_of(first.others.begin(), first.others.end(), sought)) first.state = OwnerState::Budget;
  return first;
}

}  // namespace sockwatch
