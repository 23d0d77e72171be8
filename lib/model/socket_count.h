// SPDX-License-Identifier: Apache-2.0
// Counts the TCP connections of one network namespace where they are, instead of being told of each. One
// thread at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "lib/base/result.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// One count, done in pieces.
class SocketCount {
 public:
  virtual ~SocketCount() = default;

  // Works on at most `parts` parts of some 0.1 ms. False when it is over.
  virtual bool step(int parts) = 0;
  // Then: hands out each connection once, by itself or in a count. How many there were; where it fails, it
  // has handed out nothing.
  virtual Result<std::uint64_t> hand_out(NamespaceId name_space, RecordSink& sink) = 0;
};

class SocketCounter {
 public:
  virtual ~SocketCounter() = default;
  // In the network namespace the calling thread is in, wherever it goes afterwards. One at a time; the
  // counter must outlive it.
  virtual Result<std::unique_ptr<SocketCount>> begin() = 0;
};

}  // namespace sockwatch
