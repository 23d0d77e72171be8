// SPDX-License-Identifier: Apache-2.0
// Which processes hold given sockets: a look at the links of /proc/PID/fd that read "socket:[inode]", and at
// the files that an io_uring holds without a descriptor. The one costly thing in /proc, so it is done in
// pieces, and only over as many processes as needed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/dir.h"
#include "lib/base/directory_stream.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_search.h"

namespace sockwatch {

// Processes whose descriptors we may not see. Kept over searches: each failed attempt can be a line in an
// audit log.
class RefusedProcesses {
 public:
  // Whether this very process refused before, not an earlier one with its pid.
  bool contains(const Dir& proc, std::int32_t pid);
  void add(ProcessId id) { start_ticks_[id.pid] = id.start_ticks; }
  // Forgets the dead: those that are not in the list, which is sorted.
  void keep_only(std::span<const std::int32_t> pids);

 private:
  std::unordered_map<std::int32_t, std::uint64_t> start_ticks_;  // 0 where even that could not be read
};

// One search over a list of processes. Those that start meanwhile are not seen; those that end are skipped.
// The sockets that the fdinfo of an io_uring lists as its own ("    0: socket:[12345]"; io_uring/fdinfo.c).
std::vector<std::uint32_t> parse_ring_sockets(std::string_view fdinfo);

// Descriptors that wait in a unix socket's queue to be received ("scm_fds:"; Linux 5.6), by its fdinfo.
bool carries_descriptors(std::string_view fdinfo);

class HolderSearch {
 public:
  // With carriers, unix sockets that carry descriptors are counted, too: each socket then costs a read.
  enum class Thoroughness : std::uint8_t { Holders, HoldersAndCarriers };
  HolderSearch(std::vector<std::uint32_t> inodes, std::vector<std::int32_t> pids,
               Thoroughness thoroughness = Thoroughness::Holders);

  // Goes on from where it stood, for about `budget` opens and readlinks. Returns how many it took.
  std::size_t step(const Dir& proc, RefusedProcesses& refused, std::size_t budget);
  bool done() const { return next_pid_ == pids_.size() && !current_; }

  bool looks_for(std::uint32_t inode) const;
  // So far, in the order of the pids given; several for an inode where several hold it.
  const std::vector<HeldSocket>& found() const { return found_; }
  // Processes that could not be looked into, also because they refused an earlier search.
  std::size_t denied() const { return denied_; }
  // Sockets that were met with descriptors on their way in them.
  std::size_t carriers() const { return carriers_; }

 private:
  struct Process {
    std::int32_t pid;
    Dir dir;
    DirectoryStream fds;
    std::size_t found_before;
    std::optional<Holder> holder;  // read with the first hit
  };

  std::size_t enter_next_process(const Dir& proc, RefusedProcesses& refused);
  std::size_t look_at_next_fd(RefusedProcesses& refused);
  std::size_t look_into_ring(const char* fd);
  std::size_t look_for_load(const char* fd);
  std::size_t note_hit(std::uint32_t inode);
  void deny(const Dir& process, std::int32_t pid, RefusedProcesses& refused);

  std::vector<std::uint32_t> inodes_;  // sorted
  std::vector<std::int32_t> pids_;
  std::size_t next_pid_ = 0;
  std::optional<Process> current_;
  std::vector<HeldSocket> found_;
  std::size_t denied_ = 0;
  std::size_t carriers_ = 0;
  Thoroughness thoroughness_;
};

}  // namespace sockwatch
