// SPDX-License-Identifier: Apache-2.0
// How each socket family of this kernel can be seen, found out once and without loading a module: to ask
// sock_diag for a family whose module is not there has the kernel load it (net/core/sock_diag.c:
// sock_load_diag_module).
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/model/socket_record.h"
#include "lib/model/view.h"

namespace sockwatch {

struct FamilySight {
  PerWord<Protocol, Sight> how{};
  std::vector<Unseen> unreadable;  // those the kernel has and nobody can see, with the reason
  // What does not show of sockets that are seen: that TCP sockets speak MPTCP, that packet sockets are
  // promiscuous.
  std::vector<std::pair<Protocol, Unseen>> untold;

  // What a look may miss. Of what is untold only where there are sockets of that family: a kernel that tells
  // nothing of none hides nothing.
  std::vector<Unseen> gaps(const std::function<bool(Protocol)>& has_any) const;

  // The kernel was asked and had no handler: its table of /proc/net is what is left, where there is one.
  void has_no_sock_diag(Protocol protocol);
};

// `wanted` are watch.families; TCP and UDP are always asked for. `module_root` is /lib/modules.
FamilySight look_at_families(const std::vector<Protocol>& wanted, const std::string& proc_root,
                             const std::string& module_root = "/lib/modules");

}  // namespace sockwatch
