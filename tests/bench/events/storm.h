// SPDX-License-Identifier: Apache-2.0
// Sockets in great number, each for a moment: what event sources are measured with.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sockwatch::bench {

enum class Deed : std::uint8_t {
  Tcp,      // listeners of this process
  TcpGone,  // each of a process of its own, with a name of its own, that exits at once
  Udp,      // binds of this process
};

// Who did one of them.
struct Doer {
  pid_t pid = 0;
  uid_t uid = 0;
  std::array<char, 16> comm{};
};

// One a port from here on, below the ports that the kernel hands out.
inline constexpr std::uint16_t kFirstPort = 11'000;
inline constexpr std::size_t kMostDeeds = 20'000;

// On 127.0.0.1, one after the other, each open for `hold`. Notes who did each. False where one did not
// succeed.
bool do_all(Deed deed, std::chrono::microseconds hold, std::span<Doer> doers);

// Connections made, accepted and closed on loopback, one after the other. How many there were in that time.
std::uint64_t make_connections(std::chrono::milliseconds time);

}  // namespace sockwatch::bench
