// SPDX-License-Identifier: Apache-2.0
// A search for holders over all processes: the quick way where there is one, then /proc for what that did not
// find, then once more for what threads and io_urings have for themselves. In pieces. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/dir.h"
#include "lib/model/socket_search.h"
#include "lib/procfs/socket_holders.h"

namespace sockwatch {

// What a search that came to its end knows about one inode.
struct Finding {
  std::vector<HeldSocket> held;
  HoldersLeftOut left_out = {};
  bool incomplete_view = false;  // processes it could not look into
  bool in_flight = false;        // it waits in some unix socket to be received
};
using HolderFindings = std::unordered_map<std::uint32_t, Finding>;  // by inode

class HolderWalk {
 public:
  // Begins with the processes of now. `proc` and `refused` must outlive it; `quick` may be null.
  HolderWalk(const Dir& proc, RefusedProcesses& refused, std::vector<std::uint32_t> inodes,
             std::unique_ptr<SocketSearch> quick);

  // For about `budget` opens and readlinks, or until last_resort() begins to hold. Returns how many it took.
  std::size_t step(std::size_t budget);
  // No process has a descriptor of what is still looked for. What remains is seldom and takes the longest.
  bool last_resort() const { return last_resort_; }
  bool done() const { return sought_.empty(); }

  // It has not found out about this one yet.
  bool looks_for(std::uint32_t inode) const;
  // What it has found out since the last call.
  HolderFindings take() { return std::exchange(findings_, {}); }

 private:
  template <typename Search>
  void note(const Search& search);
  void end_quick();
  void end_search();
  void begin_last_resort();

  const Dir& proc_;
  RefusedProcesses& refused_;
  std::vector<std::uint32_t> sought_;  // ascending
  std::vector<std::int32_t> pids_;
  bool hidden_ = false;  // this /proc does not show every process of its pid namespace
  std::unique_ptr<SocketSearch> quick_;
  bool saw_all_descriptors_ = false;  // the quick way came to its end
  bool last_resort_ = false;
  std::vector<std::uint32_t> in_flight_;  // ascending
  HolderSearch search_;
  HolderFindings findings_;
};

}  // namespace sockwatch
