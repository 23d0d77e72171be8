// SPDX-License-Identifier: Apache-2.0
// Child processes that open sockets and hold them until their parent lets them go, or ends: a limit on
// descriptors is a process's.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace sockwatch::bench {

class Holders {
 public:
  Holders() = default;
  ~Holders();  // waits until they are gone
  Holders(Holders&&) = default;
  Holders& operator=(Holders&&) = default;

  // Starts one that does this and stays. It answers false where it did not succeed.
  Result<void> start(const std::function<bool()>& deed);
  // Until all have done it.
  Result<void> wait_ready();

 private:
  struct Holder {
    pid_t pid;
    UniqueFd line;  // it ends when this is cut
    bool ready = false;
  };
  std::vector<Holder> holders_;
};

}  // namespace sockwatch::bench
