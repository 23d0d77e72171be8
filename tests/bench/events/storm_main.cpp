// SPDX-License-Identifier: Apache-2.0
// A storm as a program, in the network namespace it is started in:
//   event_storm tcp|tcp-gone|udp COUNT HOLD_MICROSECONDS     sockets, each for a moment
//   event_storm connections MILLISECONDS                     prints how many, and the CPU nanoseconds of one
//   event_storm listen COUNT PAUSE_MILLISECONDS              listeners that stay; prints "PORT NANOSECONDS"
//   of each
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdio>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

#include "lib/base/text.h"
#include "lib/base/unique_fd.h"
#include "tests/bench/events/storm.h"

namespace sockwatch::bench {
namespace {

using namespace std::chrono;

int storm(Deed deed, std::size_t count, microseconds hold) {
  if (count > kMostDeeds) return 2;
  std::vector<Doer> doers(count);
  return do_all(deed, hold, doers) ? 0 : 1;
}

nanoseconds own_cpu() {
  rusage used{};
  (void)::getrusage(RUSAGE_SELF, &used);  // cannot fail for the own process
  const auto of = [](const timeval& time) { return seconds(time.tv_sec) + microseconds(time.tv_usec); };
  return of(used.ru_utime) + of(used.ru_stime);
}

int connections(milliseconds time) {
  const nanoseconds before = own_cpu();
  const std::uint64_t made = make_connections(time);
  if (made == 0) return 1;
  const auto each = (own_cpu() - before).count() / static_cast<std::int64_t>(made);
  std::printf("%llu %lld\n", static_cast<unsigned long long>(made), static_cast<long long>(each));
  return 0;
}

int listen_on(std::size_t count, milliseconds pause) {
  std::vector<UniqueFd> open;
  // A fixed pause would keep step with the looks, which begin anew with each listener they find.
  std::minstd_rand random;
  std::uniform_int_distribution<milliseconds::rep> more(0, pause.count());
  for (std::size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_for(pause + milliseconds(more(random)));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(kFirstPort + i));
    UniqueFd& made = open.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return 1;
    const auto now = duration_cast<nanoseconds>(steady_clock::now().time_since_epoch());
    if (::listen(made.get(), 16) != 0) return 1;
    std::printf("%zu %lld\n", kFirstPort + i, static_cast<long long>(now.count()));
  }
  std::this_thread::sleep_for(seconds(1));  // the last one must be seen, too
  return 0;
}

int run(const std::vector<std::string_view>& words) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 1; i < words.size(); ++i)
    numbers.push_back(parse_integer<std::size_t>(words[i]).value_or(0));
  if (numbers.empty()) return 2;
  numbers.push_back(0);
  if (words[0] == "tcp") return storm(Deed::Tcp, numbers[0], microseconds(numbers[1]));
  if (words[0] == "tcp-gone") return storm(Deed::TcpGone, numbers[0], microseconds(numbers[1]));
  if (words[0] == "udp") return storm(Deed::Udp, numbers[0], microseconds(numbers[1]));
  if (words[0] == "connections") return connections(milliseconds(numbers[0]));
  if (words[0] == "listen") return listen_on(numbers[0], milliseconds(numbers[1]));
  return 2;
}

}  // namespace
}  // namespace sockwatch::bench

int main(int count, char** arguments) {
  const int code = sockwatch::bench::run({arguments + 1, arguments + count});
  if (code == 2) (void)std::fprintf(stderr, "usage: see the top of storm_main.cpp\n");
  return code;
}
