// SPDX-License-Identifier: Apache-2.0
// What follows from the facts about a listener's sockets: whose it is, or why nobody is known.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "lib/annotate/holder_walk.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"
#include "lib/procfs/cgroup_tree.h"
#include "lib/procfs/user_names.h"

namespace sockwatch {

// All sockets of one listener, who opened the last of them where an event told, and what was known of its
// owner before.
struct OwnerQuery {
  std::span<const SocketRecord> members;
  const Holder* opener = nullptr;
  const Owner* before = nullptr;
};

// What was found out. Must outlive the call.
struct OwnerEvidenceFound {
  const HolderFindings& findings;               // sockets that are not in it are still sought
  std::span<const CgroupTree::Lookup> cgroups;  // one a member
  const UserNames& users;
  bool sees_all_pids = true;
  // See KernelSocketFinder; asked where no process was found.
  std::function<std::optional<bool>(const SocketRecord&)> is_kernel_socket;
  // Path of the cgroup a process is in; empty where it has ended.
  std::function<std::string(const Holder&)> cgroup_of;
};

// Each member for itself; members of the same owner are merged, and those of another are its `others`.
Owner conclude_owner(const OwnerQuery& query, const OwnerEvidenceFound& found);

}  // namespace sockwatch
