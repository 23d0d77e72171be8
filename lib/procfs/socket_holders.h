// SPDX-License-Identifier: Apache-2.0
// Which processes hold given sockets: a look at the links of /proc/PID/fd that read "socket:[inode]", and at
// the files that an io_uring holds without a descriptor. The one costly thing in /proc, so it is done in
// pieces, and only over as many processes as needed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/dir.h"
#include "lib/base/directory_stream.h"
#include "lib/model/annotation.h"
#include "lib/model/held_sockets.h"

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

// The sockets that the fdinfo of an io_uring lists as its own ("    0: socket:[12345]"; io_uring/fdinfo.c).
std::vector<std::uint32_t> parse_ring_sockets(std::string_view fdinfo);

// One search over a list of processes. Those that start meanwhile are not seen; those that end are skipped.
class HolderSearch {
 public:
  // A step is what an open or a readlink takes.
  static constexpr Duration kStep = std::chrono::microseconds(3);

  enum class Thoroughness : std::uint8_t {
    Descriptors,  // of the processes
    // Also of threads that have descriptor tables of their own, and the files of io_urings. Anybody can make
    // a ring dear to read, so few are read, and for some milliseconds at most.
    Everything,
  };
  HolderSearch(std::vector<std::uint32_t> inodes, std::vector<std::int32_t> pids,
               Thoroughness thoroughness = Thoroughness::Descriptors);

  // Goes on from where it stood, for about `budget` steps. Returns how many it took.
  std::size_t step(const Dir& proc, RefusedProcesses& refused, std::size_t budget);
  bool done() const { return next_pid_ == pids_.size() && !current_; }

  bool looks_for(std::uint32_t inode) const;
  // So far, in the order of the pids given; several for an inode where several hold it.
  const std::vector<HeldSocket>& found() const { return found_.kept(); }
  HoldersLeftOut left_out(std::uint32_t inode) const { return found_.left_out(inode); }
  // Processes that could not be looked into, also because they refused an earlier search.
  std::size_t denied() const { return denied_; }
  // Rings that were not read to their end.
  std::size_t rings_skipped() const { return rings_skipped_; }

 private:
  // The names in one descriptor table, as far as they are compared with those of another.
  using Table = std::vector<std::int32_t>;
  struct Process {
    std::int32_t pid;
    Dir dir;
    DirectoryStream fds;
    std::optional<Holder> holder = std::nullopt;  // read with the first hit
    std::int32_t thread = 0;                      // whose table `fds` is; 0: the process's
    Table table = {};                             // of `fds`, as far as it was read
    std::vector<std::int32_t> threads = {};       // still to look at, the last first
    std::size_t rings = 0;                        // read so far
  };

  std::size_t enter_next_process(const Dir& proc, RefusedProcesses& refused);
  std::size_t look_at_next_fd(RefusedProcesses& refused);
  std::size_t leave_table();
  std::size_t look_into_ring(const char* fd);
  std::size_t note_hit(std::uint32_t inode, std::int32_t fd);
  void deny(const Dir& process, std::int32_t pid, RefusedProcesses& refused);

  std::vector<std::uint32_t> inodes_;  // sorted
  std::vector<std::int32_t> pids_;
  std::size_t next_pid_ = 0;
  std::optional<Process> current_;
  HeldSockets found_;
  std::size_t denied_ = 0;
  std::size_t rings_skipped_ = 0;
  Duration spent_on_rings_{};
  Thoroughness thoroughness_;
};

}  // namespace sockwatch
