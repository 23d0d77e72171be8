// SPDX-License-Identifier: Apache-2.0
// Which processes hold which sockets, as a search finds them. Whoever forks can make very many hold very
// many: of one socket the first holders are kept, and the first one of each further program and user, because
// a rule about programs or users asks for them all. The rest are counted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/model/annotation.h"

namespace sockwatch {

// A process that refers to a socket, and by which descriptor, so that it can be asked again.
struct HeldSocket {
  std::uint32_t inode = 0;
  Holder holder;
  std::int32_t fd = -1;     // none where it has no descriptor: an io_uring may hold sockets of its own
  std::int32_t thread = 0;  // whose descriptor it is, where that thread has a table of its own
  // Tells programs apart of whose path only the end is known; 0 where nothing does.
  std::uint64_t program = 0;
};

// As many are kept of one socket, where so many sockets are known.
inline std::size_t most_holders(std::size_t sockets) {
  constexpr std::size_t kFewest = 4;
  constexpr std::size_t kMost = 64;
  constexpr std::size_t kOfAll = 65'536;
  return std::clamp(kOfAll / std::max<std::size_t>(sockets, 1), kFewest, kMost);
}

class HeldSockets {
 public:
  // Of a search for so many sockets.
  explicit HeldSockets(std::size_t sockets) : most_(most_holders(sockets)) {}

  // A process counts once for each socket; its own are added one after the other.
  void add(HeldSocket held);

  const std::vector<HeldSocket>& kept() const { return kept_; }
  HoldersLeftOut left_out(std::uint32_t inode) const;

 private:
  struct OfOne {
    std::vector<std::size_t> kept;  // positions
    ProcessId last;
    HoldersLeftOut left_out;
  };
  bool is_like_one_of(const OfOne& known, const HeldSocket& held) const;

  std::size_t most_;
  std::vector<HeldSocket> kept_;
  std::unordered_map<std::uint32_t, OfOne> by_inode_;
};

// The same for the holders of one owner, in order: removes what is too much.
HoldersLeftOut keep_most(std::vector<Holder>& holders, std::size_t most);

}  // namespace sockwatch
