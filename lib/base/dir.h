// SPDX-License-Identifier: Apache-2.0
// A directory held open, and reads relative to it. /proc, the cgroup tree and configuration are read through
// this, so a test's folder can stand in for each, and a process that is replaced by another between two reads
// is never mixed up with it (its directory stays the dead one's and answers ESRCH or ENOENT).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace sockwatch {

class Dir {
 public:
  static Result<Dir> open(const std::string& path);
  Result<Dir> open_dir(const char* name) const;

  // At most `cap` bytes; a longer file is an error (EFBIG), never a silently shorter text.
  Result<std::string> read_file(const char* name, std::size_t cap) const;
  Result<std::string> read_link(const char* name) const;
  // Whether the name is taken, by a link that leads nowhere too; true where that cannot be told.
  bool has(const char* name) const;
  // Names without "." and "..", in the order the kernel gives them.
  Result<std::vector<std::string>> entries() const;

  struct Identity {
    std::uint64_t inode;
    std::uint32_t uid;
  };
  // Of the directory itself. For /proc/PID the uid is the process's effective one (man proc(5)).
  Result<Identity> identity() const;
  // Inode number of what `name` refers to, links followed.
  Result<std::uint64_t> inode_of(const char* name) const;

  // Whether what `name` refers to, links followed, is root's and writable by nobody else.
  bool is_roots_alone(const char* name) const;

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

 private:
  Dir(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Error error(const char* what, const char* name) const;

  UniqueFd fd_;
  std::string path_;
};

}  // namespace sockwatch
