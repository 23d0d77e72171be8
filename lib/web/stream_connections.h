// SPDX-License-Identifier: Apache-2.0
// The connections on which a stream is sent. While a stream has nothing to say its connection is suspended:
// libmicrohttpd then neither watches it nor asks us, so an idle reader costs nothing. One that does not take
// what it is sent is dropped by the server's ordinary limit on silence.
#pragma once

#include <microhttpd.h>

#include <atomic>
#include <list>
#include <memory>
#include <span>

#include "lib/base/unique_fd.h"
#include "lib/web/client.h"
#include "lib/web/http_server.h"

namespace sockwatch {

// One thread, the server's, but for wake(). Outlives the libmicrohttpd daemons of its connections.
class StreamConnections {
 public:
  static constexpr std::size_t kMost = 32;

  StreamConnections();
  StreamConnections(const StreamConnections&) = delete;  // its connections know its address
  StreamConnections& operator=(const StreamConnections&) = delete;

  // Starts the answer. Where there are too many, the oldest stream of the client that holds most ends, unless
  // that is the asker: then it is a 503.
  MHD_Result send(MHD_Connection* connection, const HttpResponse& answer,
                  std::span<const HttpHeader> standing);

  // Any thread: the streams may have something to say now. Costs nothing while there are none.
  void wake();
  // Readable when woken; invalid where the process had no descriptor left.
  int fd() const { return woken_.get(); }
  // Asks every stream that had nothing to say once more, if woken.
  void hear();
  // Before libmicrohttpd is stopped, which must not find a connection suspended.
  void end();

 private:
  struct Stream;
  static ssize_t read(void* stream, std::uint64_t position, char* buffer, std::size_t size) noexcept;
  static void forget(void* stream) noexcept;

  bool make_room(const Client& newcomer);
  void resume_all();

  UniqueFd woken_;
  std::list<Stream*> open_;  // the oldest first
  ClientShares shares_;
  std::atomic<std::size_t> count_ = 0;
  bool ended_ = false;
};

}  // namespace sockwatch
