// SPDX-License-Identifier: Apache-2.0
// A farm as a program, in the network namespace it is started in. Each line it reads, "listeners 100",
// "sockets 1000000", "udp 10000" or "time-wait 100000", adds such sockets and is answered by "ready".
// "namespaces 1000 listeners 10 sockets 90" makes network namespaces with so many in each. All is gone when
// its standard input ends.
#include <cstdio>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/text.h"
#include "tests/bench/sockets/farm.h"
#include "tests/bench/sockets/own_network.h"

namespace sockwatch::bench {
namespace {

using Words = std::span<const std::string_view>;

Result<void> add(Farm& farm, std::string_view what, std::size_t count) {
  if (what == "listeners") return farm.add_listeners(count);
  if (what == "sockets") return farm.add_sockets(count);
  if (what == "udp") return farm.add_udp(count);
  if (what == "time-wait") return farm.add_time_wait(count);
  return Error{"nobody knows how to add " + std::string(what)};
}

std::size_t number(std::string_view word) {
  return parse_integer<std::size_t>(word).value_or(0);
}

Result<void> add_all(Farm& farm, Words words) {
  for (; words.size() >= 2; words = words.subspan(2)) {
    if (auto added = add(farm, words[0], number(words[1])); !added.ok()) return added;
  }
  return {};
}

Result<void> add_namespaces(Holders& holders, std::size_t count, Words words) {
  for (std::size_t i = 0; i < count; ++i) {
    auto started = holders.start([&] {
      static Farm* farm = nullptr;  // for as long as its process
      if (!enter_own_network()) return false;
      farm = new Farm;
      return add_all(*farm, words).ok();
    });
    if (!started.ok()) return started;
  }
  return holders.wait_ready();
}

int run() {
  Farm farm;
  Holders namespaces;
  for (std::string line; std::getline(std::cin, line);) {
    const std::vector<std::string_view> words = split(line, ' ');
    const bool apart = words.size() > 2 && words[0] == "namespaces";
    const auto added =
        apart ? add_namespaces(namespaces, number(words[1]), Words(words).subspan(2)) : add_all(farm, words);
    if (!added.ok()) {
      std::fprintf(stderr, "socket_farm: %s\n", added.error().message.c_str());
      return 1;
    }
    std::puts("ready");
    (void)std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace sockwatch::bench

int main() {
  return sockwatch::bench::run();
}
