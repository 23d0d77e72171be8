// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/journal_relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <utility>

namespace sockwatch {
namespace {

// A relay that runs answers within 0.1 ms; one that systemd has yet to start needs some 20 ms.
constexpr int kWaitMs = 10;
// With the pauses of the queue between them (0.1 s, 0.2 s, 0.4 s) an alert is late by less than a second.
constexpr int kMaxAsked = 4;
constexpr int kShunned = 50;

}  // namespace

JournalRelay::JournalRelay(std::string path) : path_(std::move(path)) {
  (void)connect();  // without a relay entries go another way
}

bool JournalRelay::connect() {
  sockaddr_un address{};
  if (path_.size() >= sizeof(address.sun_path)) return false;
  address.sun_family = AF_UNIX;
  std::copy(path_.begin(), path_.end(), address.sun_path);
  socket_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The socket calls take every kind of address by this one type.
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
    return true;
  socket_.reset();
  return false;
}

JournalRelay::Outcome JournalRelay::pass(std::string_view entry) {
  if (asked_ > 0) return answer();
  if (shunned_ > 0) {
    --shunned_;
    return Outcome::Away;
  }
  if (entry.size() > kMaxRelayedEntry || !ask(entry)) return Outcome::Away;
  return answer();
}

// A connection that the relay has left since (it ends when it has nothing to do, or was upgraded) is noticed
// here, and made anew once.
bool JournalRelay::ask(std::string_view entry) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!socket_.valid() && !connect()) return false;
    if (::send(socket_.get(), entry.data(), entry.size(), MSG_NOSIGNAL) >= 0) return true;
    socket_.reset();
  }
  return false;
}

JournalRelay::Outcome JournalRelay::answer() {
  pollfd waiting{socket_.get(), POLLIN, 0};
  const int ready = ::poll(&waiting, 1, kWaitMs);
  if (ready <= 0 && ++asked_ < kMaxAsked) return Outcome::Pending;
  asked_ = 0;
  char answer = kRelayRefused;
  if (ready > 0 && ::recv(socket_.get(), &answer, 1, 0) == 1) {
    return answer == kRelayPassed ? Outcome::Passed : Outcome::Away;
  }
  // It hangs or died. A late answer must not be taken for the next entry's.
  if (ready <= 0) shunned_ = kShunned;
  socket_.reset();
  return Outcome::Away;
}

}  // namespace sockwatch
