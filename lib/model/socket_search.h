// SPDX-License-Identifier: Apache-2.0
// One search for the processes that hold given sockets, done in pieces. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "lib/model/held_sockets.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

class SocketSearch {
 public:
  virtual ~SocketSearch() = default;

  // Goes on from where it stood, for about `budget` steps of 3 us. Returns how many it took.
  virtual std::size_t step(std::size_t budget) = 0;
  virtual bool done() const = 0;

  virtual bool looks_for(std::uint32_t inode) const = 0;
  // So far; several for an inode where several hold it, no process twice.
  virtual const std::vector<HeldSocket>& found() const = 0;
  virtual HoldersLeftOut left_out(std::uint32_t inode) const = 0;
  // Whether it is on its way from one process to another: in a message that waits in a unix socket to be
  // received. False also where this way of searching cannot tell.
  virtual bool in_flight(std::uint32_t inode) const = 0;
  // Some process did not let itself be looked into: what was not found may be held by it.
  virtual bool incomplete() const = 0;
};

// Starts searches over all processes of the machine, two at a time; null where it cannot (any more).
class SocketSearcher {
 public:
  virtual ~SocketSearcher() = default;
  virtual std::unique_ptr<SocketSearch> search(std::vector<std::uint32_t> inodes) = 0;
};

class KernelSocketFinder {
 public:
  virtual ~KernelSocketFinder() = default;
  // Whether the kernel made it for itself, so that no process can hold it; nothing where that cannot be told.
  virtual std::optional<bool> is_kernel_socket(const SocketRecord& socket) = 0;
};

}  // namespace sockwatch
