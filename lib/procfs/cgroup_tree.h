// SPDX-License-Identifier: Apache-2.0
// From the cgroup id that the kernel tells with every socket (the inode of a cgroup v2 directory) to its path
// and its processes. With CAP_DAC_READ_SEARCH the kernel opens the id itself (about 20 us); without, the
// tree is walked once for all ids not met before.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/dir.h"
#include "lib/base/directory_stream.h"
#include "lib/base/result.h"

namespace sockwatch {

class CgroupTree {
 public:
  // `root` is usually /sys/fs/cgroup: the v2 tree itself or, on a hybrid machine, what holds it as unified/.
  // An error on a machine with v1 only.
  static Result<CgroupTree> open(const std::string& root);

  enum class Answer {
    Found,
    Gone,     // the cgroup was removed
    Unknown,  // id 0, or outside of what we can see (a cgroup namespace)
  };
  struct Lookup {
    Answer answer = Answer::Unknown;
    // From the tree's root: "/system.slice/ssh.service"; "/" is the root itself. Of one that is gone: where
    // it was, if it was ever found.
    std::string path;
  };
  static constexpr Duration kWalkPerCall = std::chrono::milliseconds(10);
  // One answer an id, in order. Where the tree has to be walked, a call takes `budget` of CPU time for it and
  // the next one goes on: until then an id that was not met is Unknown. A tree whose walk took
  // more than a few milliseconds is not walked again before a hundred times that has passed.
  std::vector<Lookup> paths_of(std::span<const std::uint64_t> ids, Duration budget = kWalkPerCall);

  // Processes in exactly this cgroup, not in those below. None in a threaded one, which does not tell.
  Result<std::vector<std::int32_t>> pids_of(const std::string& path) const;

 private:
  CgroupTree(Dir root, std::string mount_path, bool kernel_opens, bool whole)
      : root_(std::move(root)),
        mount_path_(std::move(mount_path)),
        kernel_opens_(kernel_opens),
        whole_(whole) {}

  Lookup ask_kernel(std::uint64_t id);
  Lookup recall(std::uint64_t id, bool walked_now) const;
  void remember(std::uint64_t id, Lookup& lookup);
  // True if it began and ended in this call.
  bool walk(Duration budget);
  void begin_walk();
  void enter_next_directory();
  void look_at(const char* name);

  Dir root_;
  std::string mount_path_;  // as the kernel writes it in /proc/self/fd
  bool kernel_opens_;       // until it refuses
  bool whole_;              // our root is the root of all: what a walk does not find is gone
  std::unordered_map<std::uint64_t, std::string> walked_;
  // The walk under way.
  std::vector<std::string> waiting_;
  DirectoryStream directory_;
  std::string directory_path_;
  std::size_t met_ = 0;
  Duration walk_took_{};
  MonotonicTime next_walk_{};
  std::unordered_map<std::uint64_t, std::string> known_;  // whatever was found once
};

}  // namespace sockwatch
