// SPDX-License-Identifier: Apache-2.0
// Who was found to hold which socket, and by which descriptor: to ask whether that is still so costs one
// readlink, and five system calls for the process itself. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "lib/base/dir.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"
#include "lib/model/socket_search.h"

namespace sockwatch {

// Processes as they were read at one moment, by pid; nothing of those that have ended.
class ProcessesNow {
 public:
  // Reads a process once, however often it is asked for.
  const std::optional<Holder>& at(const Dir& proc, std::int32_t pid);

 private:
  std::map<std::int32_t, std::optional<Holder>> read_;
};

// Whether a process is still what it was: the same one, the same program, the same user. A program that may
// not be read says nothing.
bool is_unchanged(const Holder& then, const std::optional<Holder>& now);

// A socket and the file that stands for it.
struct SocketFile {
  SocketFile(const SocketRecord& record) : id(record.id), inode(record.inode) {}

  SocketId id;
  std::uint32_t inode;
};

class HolderMemory {
 public:
  // All that was found out about a socket, in place of what was known.
  void learn(const SocketFile& socket, std::vector<HeldSocket> held, HoldersLeftOut left_out = {});
  // Of those known to hold it the ones that still do, as they are now. A holder without a descriptor cannot
  // be asked and is left out.
  std::vector<HeldSocket> still_held(const Dir& proc, const SocketFile& socket, ProcessesNow& now) const;
  // Whether nothing has changed about what is known of this socket; true where nothing is.
  bool is_current(const Dir& proc, const SocketFile& socket, ProcessesNow& now) const;
  // Of the same, those that were counted only.
  HoldersLeftOut left_out(const SocketFile& socket) const;
  // Whether one of these is not known to hold it.
  bool lacks_one_of(const SocketFile& socket, const std::vector<HeldSocket>& held) const;
  // Adds to `held` those that are known and without a descriptor, which hardly any search finds; learns them
  // all.
  void learn_more(const SocketFile& socket, std::vector<HeldSocket>& held, HoldersLeftOut left_out = {});
  // Forgets all sockets but these; `inodes` are sorted.
  void keep_only(std::span<const std::uint32_t> inodes);

 private:
  // A process that holds thousands of sockets is kept once.
  struct Held {
    std::shared_ptr<const Holder> holder;
    std::int32_t fd;
    std::int32_t thread;
    std::uint64_t program;
  };
  struct Known {
    SocketId id;  // an inode is given to another socket when its own has ended
    std::vector<Held> held;
    HoldersLeftOut left_out;
  };
  const Known* find(const SocketFile& socket) const;
  std::shared_ptr<const Holder> share(Holder holder);
  static HeldSocket held_socket(std::uint32_t inode, const Held& held);

  std::unordered_map<std::uint32_t, Known> sockets_;                         // by inode
  std::unordered_map<std::int32_t, std::shared_ptr<const Holder>> holders_;  // by pid, as last learned
};

}  // namespace sockwatch
