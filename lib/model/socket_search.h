// SPDX-License-Identifier: Apache-2.0
// One search for the processes that hold given sockets, done in pieces. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lib/model/annotation.h"

namespace sockwatch {

struct HeldSocket {
  std::uint32_t inode = 0;
  Holder holder;
};

class SocketSearch {
 public:
  virtual ~SocketSearch() = default;

  // Goes on from where it stood, for about `budget` steps of 3 us. Returns how many it took.
  virtual std::size_t step(std::size_t budget) = 0;
  virtual bool done() const = 0;

  virtual bool looks_for(std::uint32_t inode) const = 0;
  // So far; several for an inode where several hold it, no process twice.
  virtual const std::vector<HeldSocket>& found() const = 0;
  // Some process did not let itself be looked into: what was not found may be held by it.
  virtual bool incomplete() const = 0;
};

// Starts searches over all processes of the machine; null where it cannot (any more).
class SocketSearcher {
 public:
  virtual ~SocketSearcher() = default;
  virtual std::unique_ptr<SocketSearch> search(std::vector<std::uint32_t> inodes) = 0;
};

}  // namespace sockwatch
