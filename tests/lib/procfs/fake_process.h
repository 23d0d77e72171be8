// SPDX-License-Identifier: Apache-2.0
// Processes for a FileTree that stands in for /proc, and a way to look at it as somebody who may not.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fakes/file_tree.h"

namespace sockwatch {

inline std::string stat_line(std::int32_t pid, std::string_view comm, std::uint64_t start_ticks,
                             std::int32_t parent = 1) {
  return std::to_string(pid) + " (" + std::string(comm) + ") S " + std::to_string(parent) +
         " 1 1 0 -1 4194304 2908 6633 2 0 150 50 3 1 20 0 1 0 " + std::to_string(start_ticks) +
         " 17145856 3433 18446744073709551615 1 1 0 0\n";
}

struct FakeProcess {
  std::int32_t pid = 0;
  std::string comm = "server";
  std::vector<std::uint32_t> sockets = {};
  std::uint64_t start_ticks = 1000;
  std::string exe = "/usr/bin/server";
  std::int32_t parent = 1;
};

inline void add_process(FileTree& proc, const FakeProcess& process) {
  const std::string dir = std::to_string(process.pid) + "/";
  proc.write(dir + "stat", stat_line(process.pid, process.comm, process.start_ticks, process.parent));
  proc.link(dir + "exe", process.exe);
  proc.add(dir + "fd/");
  proc.link(dir + "fd/0", "/dev/null");
  int fd = 3;
  for (const std::uint32_t inode : process.sockets) {
    proc.link(dir + "fd/" + std::to_string(fd++), "socket:[" + std::to_string(inode) + "]");
  }
}

// Keeps everybody but a privileged user from a directory, until it goes.
class ClosedDirectory {
 public:
  explicit ClosedDirectory(std::filesystem::path path, unsigned mode = 0) : path_(std::move(path)) {
    std::filesystem::permissions(path_, std::filesystem::perms(mode));
  }
  ~ClosedDirectory() { std::filesystem::permissions(path_, std::filesystem::perms(0755)); }
  ClosedDirectory(const ClosedDirectory&) = delete;
  ClosedDirectory& operator=(const ClosedDirectory&) = delete;

 private:
  std::filesystem::path path_;
};

// Without root's power to open everything, where the test runs as root. Check active() and skip where it is
// not.
class Unprivileged {
 public:
  Unprivileged() : was_root_(::geteuid() == 0) {
    if (was_root_) active_ = ::seteuid(65534) == 0;
  }
  ~Unprivileged() {
    if (was_root_ && active_) active_ = ::seteuid(0) == 0;
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

  bool active() const { return active_; }

 private:
  bool was_root_;
  bool active_ = true;
};

}  // namespace sockwatch
