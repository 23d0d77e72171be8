// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sockets/holders.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace sockwatch::bench {

// A holder's word that it is ready is one byte on its end of the pair.
Result<void> Holders::start(const std::function<bool()>& deed) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return Error::from_errno("socketpair", errno);
  UniqueFd ours(pair[0]);
  UniqueFd theirs(pair[1]);
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno("fork", errno);
  if (child == 0) {
    ours.reset();
    holders_.clear();  // the others' lines must be cut when the parent goes
    char byte = 'y';
    if (!deed()) {
      std::perror("holder");
      byte = 'n';
    }
    (void)!::write(theirs.get(), &byte, 1);
    (void)!::read(theirs.get(), &byte, 1);
    ::_exit(0);
  }
  holders_.push_back({child, std::move(ours)});
  return {};
}

Result<void> Holders::wait_ready() {
  for (Holder& holder : holders_) {
    char byte = 'y';
    if (!holder.ready && (::read(holder.line.get(), &byte, 1) != 1 || byte != 'y'))
      return Error{"a holder could not open its sockets"};
    holder.ready = true;
  }
  return {};
}

Holders::~Holders() {
  for (Holder& holder : holders_) holder.line.reset();
  for (const Holder& holder : holders_) (void)::waitpid(holder.pid, nullptr, 0);
}

}  // namespace sockwatch::bench
