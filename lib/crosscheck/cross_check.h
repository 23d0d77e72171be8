// SPDX-License-Identifier: Apache-2.0
// Compares what several witnesses say about TCP and UDP ports, and finds the ports that one of them denies.
// Sockets come and go while the witnesses are asked, and a dump of the kernel may skip a socket once
// (inet_diag never says so). So a port counts as hidden only where the same socket was claimed by another
// witness both before and after the denial, and only where that happened in every one of kConfirmations
// rounds. Pure: the witnesses do all I/O.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/model/hidden_port.h"
#include "lib/model/port_claim.h"
#include "lib/model/snapshot.h"

namespace sockwatch {

class CrossCheck {
 public:
  // Chance alone would need a socket that opens and closes in step with this many rounds.
  static constexpr int kConfirmations = 12;

  struct Result {
    std::vector<HiddenPort> hidden;  // sorted
    std::vector<Unseen> unseen;      // witnesses that could not be asked, or not to the end
    int rounds = 0;
  };

  // `pause` lets time pass between rounds; `cpu_time` is the calling thread's. Past `budget` of it the check
  // ends without a finding and says so in `unseen`.
  CrossCheck(std::vector<PortWitness*> witnesses, std::function<void()> pause,
             std::function<Duration()> cpu_time, Duration budget);

  Result run();

 private:
  using Reading = std::vector<PortClaim>;  // sorted
  bool read_round(Result& result);
  std::vector<HiddenPort> denied_in_middle_round() const;
  void compare(std::size_t denier, std::size_t claimant, std::vector<HiddenPort>& found) const;

  std::vector<PortWitness*> witnesses_;
  std::function<void()> pause_;
  std::function<Duration()> cpu_time_;
  Duration budget_;
  // The last three rounds, the latest last; each holds one reading a witness, in the order they were made.
  std::vector<std::vector<Reading>> rounds_;
};

}  // namespace sockwatch
