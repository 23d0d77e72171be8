// SPDX-License-Identifier: Apache-2.0
#include "relay/relay.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "lib/alert/journal_relay.h"
#include "lib/alert/relayed_entry.h"
#include "lib/base/clock.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMaxConnections = 4;  // the daemon has one, and one more while it restarts

// Through the relay an entry is no longer the daemon's own: this keeps it in `journalctl -u sockwatch`.
constexpr std::string_view kOnBehalf = "OBJECT_SYSTEMD_UNIT=sockwatch.service\n";

// Who has left without its answer has its entry still, and sends it another way: it must not come twice.
bool has_left(const pollfd& polled) {
  return (polled.revents & (POLLHUP | POLLERR)) != 0;
}

}  // namespace

Relay::Relay(UniqueFd listening, std::string journal)
    : listening_(std::move(listening)), journal_(std::move(journal)), buffer_(kMaxRelayedEntry + 1, '\0') {}

void Relay::run(int idle_ms) {
  for (;;) {
    std::vector<pollfd> polled;
    for (const UniqueFd& connection : connections_) polled.push_back({connection.get(), POLLIN, 0});
    const bool room = connections_.size() < kMaxConnections;
    polled.push_back({room ? listening_.get() : -1, POLLIN, 0});
    const int ready = ::poll(polled.data(), polled.size(), connections_.empty() ? idle_ms : -1);
    if (ready == 0) return;
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0 || (polled.back().revents != 0 && !accept())) return;
    polled.pop_back();
    for (const pollfd& connection : polled) {
      if (connection.revents == 0 || (!has_left(connection) && serve(connection.fd))) continue;
      std::erase_if(connections_, [&](const UniqueFd& known) { return known.get() == connection.fd; });
    }
  }
}

// False where the socket itself is of no use any more: systemd makes another.
bool Relay::accept() {
  UniqueFd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection.valid()) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  connections_.push_back(std::move(connection));
  return true;
}

// One entry and its answer. False when the connection is over.
bool Relay::serve(int connection) {
  const ssize_t size = ::recv(connection, buffer_.data(), buffer_.size(), 0);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  const bool passed = forward(std::string_view(buffer_).substr(0, static_cast<std::size_t>(size)));
  const char answer = passed ? kRelayPassed : kRelayRefused;
  return ::send(connection, &answer, 1, MSG_NOSIGNAL) == 1;
}

bool Relay::forward(std::string_view entry) {
  if (const auto fit = check_relayed(entry); !fit.ok()) {
    const auto said =
        refusals_.say(SystemClock().now().monotonic, "refused an entry: " + fit.error().message);
    if (said) std::fprintf(stderr, "<4>%s\n", said->c_str());
    return false;
  }
  return journal_.send(std::string(entry) + std::string(kOnBehalf)) == SendOutcome::Sent;
}

}  // namespace sockwatch
