// SPDX-License-Identifier: Apache-2.0
// Whose a listener is. The socket's cgroup names the unit or container that created it; the processes that
// hold it are looked for in that cgroup first, and only what is not found there costs a walk over all of
// /proc. Nobody is left without a reason: see OwnerState.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "lib/annotate/holder_memory.h"
#include "lib/annotate/holder_walk.h"
#include "lib/annotate/owner_conclusion.h"
#include "lib/base/dir.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"
#include "lib/model/socket_search.h"
#include "lib/procfs/cgroup_tree.h"
#include "lib/procfs/user_names.h"

namespace sockwatch {

// Loop thread only.
class OwnerResolver {
 public:
  // A step is one open or readlink, up to 5 us each: a call stays below the 20 ms the loop may stand still.
  static constexpr std::size_t kStepsPerCall = 2'000;

  // `proc` is usually /proc. Without a cgroup tree (v1 only) unit and container come from the holder.
  OwnerResolver(Dir proc, std::optional<CgroupTree> cgroups, UserNames users,
                std::size_t steps_per_call = kStepsPerCall);

  // A quicker way to search everywhere, which also sees what /proc does not show us. Two searches may go on
  // at a time: one for who is sought, and the census.
  void use(std::unique_ptr<SocketSearcher> searcher) { searcher_ = std::move(searcher); }

  // Tells which sockets are the kernel's own.
  void use(std::unique_ptr<KernelSocketFinder> finder) { kernel_sockets_ = std::move(finder); }

  enum class Search : std::uint8_t {
    Bounded,
    Whole,  // a hundred times as much: enough to find all holders but on a machine where that is made dear
  };
  // One answer a query, in order. Bounded work; an answer with state Budget was put off and may lack holders:
  // ask for the same sockets again. A walk in progress goes on with the next call as long as that asks for a
  // socket it looks for; what is new waits for the next walk, which starts when this one ends.
  std::vector<Owner> resolve(std::span<const OwnerQuery> queries, Search search = Search::Bounded);

  // Goes on with the search of all processes that resolve() has put off, if any. False when there is no more
  // to do before the next resolve(), which has to ask for the same sockets.
  bool go_on(std::size_t steps);

  // Only what the cgroup tells: unit and container, and the creator's user. No read of /proc, so the holders
  // stay unknown, with state Budget.
  std::vector<Owner> creators_of(std::span<const SocketRecord> sockets);

  // Of a user by name, or the number as text.
  std::optional<std::uint32_t> uid_of(const std::string& user) {
    users_.refresh();
    return users_.uid_of(user);
  }

  // Fills in what an event did not tell about its caller, if the process still runs: the whole path of the
  // exe, or everything but the pid. Best done at once: one in ten programs that listen for a moment is gone a
  // moment later. False where the event does not tell its network namespace (`place_known`) and the caller is
  // in another than ours.
  bool recognise(Holder& caller, bool place_known) const;

  // Whether what resolve() last found out about these sockets still holds: the same processes have them, run
  // the same program as the same user. Some opens a process and a readlink a socket; `now` keeps what was
  // read for more questions of the same moment.
  bool is_current(std::span<const SocketRecord> members, ProcessesNow& now) const;

  // A search that is under way looks for this one, or go_on() has found it.
  bool looks_for(std::uint32_t inode) const {
    return (walk_ && walk_->looks_for(inode)) || found_between_.contains(inode);
  }

  // Counts all holders of these sockets anew, in pieces: a holder that was never seen to get one, as a child
  // that inherits, is found only so.
  void begin_census(std::vector<SocketFile> sockets);
  // Nothing while it goes on; in the end the inodes of those that have holders who were not known. resolve()
  // then knows them.
  std::optional<std::vector<std::uint32_t>> go_on_with_census(std::size_t steps);

 private:
  static constexpr std::size_t kStepsOfLastResort = 20'000;

  struct Round;

  void locate(Round& round);
  void ask_known(Round& round) const;
  void ask_openers(std::span<const OwnerQuery> queries, Round& round);
  void search_cgroups(Round& round);
  void search_everywhere(Round& round);
  void keep_findings(const OwnerQuery& query, const Round& round);
  Owner conclude(const OwnerQuery& query, std::size_t first_socket, const Round& round) const;
  void take_found(ProcessesNow& now, HolderFindings& into);
  // False where one of the processes has ended since it was found, or /proc does not show it.
  bool complete_exes(Finding& finding, ProcessesNow& now) const;
  std::unique_ptr<SocketSearch> quick_search(const std::vector<std::uint32_t>& inodes);
  std::string cgroup_path_of(const Holder& holder) const;

  Dir proc_;
  std::optional<CgroupTree> cgroups_;
  UserNames users_;
  std::size_t steps_per_call_;
  bool sees_all_pids_;
  RefusedProcesses refused_;
  std::optional<HolderWalk> walk_;
  std::set<std::uint32_t> doubted_;  // inodes whose holder was not there any more when its exe was read
  // Of listeners put off: what earlier calls found out about some of their members. Two walks may be needed,
  // and neither might ever end in the call in which the other does.
  HolderFindings unfinished_;
  HolderFindings found_between_;                        // by go_on(), for the next resolve()
  std::unique_ptr<SocketSearcher> searcher_;            // may be null
  std::unique_ptr<KernelSocketFinder> kernel_sockets_;  // may be null
  HolderMemory memory_;
  std::optional<HolderWalk> census_;
  std::vector<SocketFile> census_sockets_;
};

}  // namespace sockwatch
