// SPDX-License-Identifier: Apache-2.0
// What a look costs, from the first request to the view, against the bare drain of the same requests and
// against what others do, all in one run: alternating, medians of CPU time. Prints one markdown table for
// each number of sockets.
//
//   road_bench [--sockets 0,10000,100000] [--listeners 100] [--rounds 15] [--compare] [--check]
//
// --check exits with 1 where a ratio is more than twice its goal.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/dir.h"
#include "lib/base/text.h"
#include "lib/monitor/live_source.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/setup.h"
#include "lib/netlink/family.h"
#include "lib/netlink/kernel_channel.h"
#include "tests/bench/road/farm.h"

namespace sockwatch::bench {
namespace {

struct Arguments {
  std::vector<std::size_t> sockets = {0, 10'000, 100'000};
  std::size_t listeners = 100;
  int rounds = 15;
  bool compare = false;
  bool check = false;
};

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "road_bench: %s\n", why.c_str());
  std::exit(2);
}

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) die(result.error().message);
  return *std::move(result);
}
void must(const Result<void>& result) {
  if (!result.ok()) die(result.error().message);
}

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Asks what a look of this kind asks and reads the answers without looking at them: the floor.
void drain(Channel& channel, LookKind kind) {
  for (const Family& family : families()) {
    for (const DumpRequest& request : family.requests(kind, Abilities{})) {
      static std::uint32_t sequence = 1;
      must(channel.send(encode(request, ++sequence)));
      for (bool more = true; more;) {
        const Bytes datagram = must(channel.receive());
        // A dump's end stands first in its datagram, or is all that a short one holds behind its records.
        MessageWalk walk(datagram);
        const auto first = walk.next();
        more = first && !first->ends_dump() && !first->is_error();
      }
    }
  }
}

Duration cpu_of(const std::function<void()>& work) {
  const Duration before = thread_cpu_time();
  work();
  return thread_cpu_time() - before;
}

// CPU of a command and of whatever it starts, its output thrown away.
Duration cpu_of_command(const std::string& command) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/sh", "sh", "-c", ("exec " + command + " >/dev/null 2>&1").c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return Duration(-1);
  const auto time = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return time(used.ru_utime) + time(used.ru_stime);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::size_t resident_kib() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * 4;
}

struct Row {
  std::string what;
  double cost;   // ms
  double ratio;  // to the yardstick
  double goal;   // at most; 0: none
};

void print(const std::vector<Row>& rows) {
  std::printf("| what | CPU, ms | ratio | goal |\n|---|---|---|---|\n");
  for (const Row& row : rows) {
    std::printf("| %s | %.3f | %s | %s |\n", row.what.c_str(), row.cost,
                row.ratio > 0 ? (std::to_string(row.ratio).substr(0, 5) + " x").c_str() : "",
                row.goal > 0 ? ("<= " + std::to_string(row.goal).substr(0, 4)).c_str() : "");
  }
}

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments), farm_(must(Farm::open(arguments.listeners))) {
    channel_ = must(KernelChannel::open());
    const std::vector<Protocol> families = {Protocol::Tcp, Protocol::Udp};
    source_ = must(LiveSource::open({families, "/proc", ""}));
    setup_ = must(load_setup(std::nullopt, ""));
    monitor_.emplace(Monitor::Sources{source_.get(), source_.get()},
                     must(make_pipeline(*setup_, ProcessRoots{})));
    (void)monitor_->look(LookKind::Listeners, clock_);
  }

  bool run(std::size_t sockets) {
    must(farm_.add_sockets(sockets - farm_.sockets()));
    // Once for the caches, of both sides.
    for (const LookKind kind : all_of<LookKind>()) (void)pair(kind);
    std::vector<Row> rows;
    const double drained = measure(LookKind::Listeners, 2.0, rows);
    (void)drained;
    const double floor = measure(LookKind::Connections, 1.10, rows);
    if (arguments_.compare) compare(floor, rows);
    std::printf("\n%zu sockets, %zu listeners, median of %d rounds; resident %zu KiB\n\n", farm_.sockets(),
                arguments_.listeners, arguments_.rounds, resident_kib());
    print(rows);
    std::fflush(stdout);
    return std::none_of(rows.begin(), rows.end(),
                        [](const Row& row) { return row.goal > 0 && row.ratio > 2 * row.goal; });
  }

 private:
  struct Pair {
    double drain;
    double look;
  };
  Pair pair(LookKind kind) {
    const Duration drained = cpu_of([&] { drain(*channel_, kind); });
    const Duration looked = cpu_of([&] { (void)monitor_->look(kind, clock_); });
    return {milliseconds(drained), milliseconds(looked)};
  }

  double measure(LookKind kind, double goal, std::vector<Row>& rows) {
    std::vector<double> drains;
    std::vector<double> looks;
    std::vector<double> ratios;
    for (int i = 0; i < arguments_.rounds; ++i) {
      const Pair costs = pair(kind);
      drains.push_back(costs.drain);
      looks.push_back(costs.look);
      ratios.push_back(costs.look / costs.drain);
    }
    const std::string name(word(kind));
    rows.push_back({"bare drain, " + name, median(drains), 0, 0});
    rows.push_back({"look at " + name, median(looks), median(ratios), goal});
    return median(looks);
  }

  // Ratios are to our look at the connections: how many times dearer they are.
  void compare(double ours, std::vector<Row>& rows) const {
    for (const char* command : {"ss -tan", "ss -tln", "ss -tlnp", "netstat -tan", "lsof -nP -iTCP"}) {
      if (farm_.sockets() > 20'000 && std::strstr(command, "p") != nullptr &&
          std::strstr(command, "ss -t") == nullptr)
        continue;
      const double cost = milliseconds(cpu_of_command(command));
      if (cost >= 0) rows.push_back({std::string("`") + command + "`", cost, cost / ours, 0});
    }
  }

  Arguments arguments_;
  SystemClock clock_;
  Farm farm_;
  std::unique_ptr<KernelChannel> channel_;
  std::unique_ptr<LiveSource> source_;
  std::optional<Setup> setup_;
  std::optional<Monitor> monitor_;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto value = [&]() -> std::string_view {
      if (++i == argc) die("a value is missing after " + std::string(name));
      return argv[i];
    };
    if (name == "--sockets") {
      arguments.sockets.clear();
      for (const auto part : split(value(), ',')) {
        arguments.sockets.push_back(parse_integer<std::size_t>(part).value_or(0));
      }
    } else if (name == "--listeners") {
      arguments.listeners = parse_integer<std::size_t>(value()).value_or(100);
    } else if (name == "--rounds") {
      arguments.rounds = parse_integer<int>(value()).value_or(15);
    } else if (name == "--compare") {
      arguments.compare = true;
    } else if (name == "--check") {
      arguments.check = true;
    } else {
      die("unknown option " + std::string(name));
    }
  }
  return arguments;
}

}  // namespace
}  // namespace sockwatch::bench

int main(int argc, char** argv) {
  using namespace sockwatch::bench;
  if (::geteuid() != 0) {
    std::fprintf(stderr, "road_bench: needs root for a network namespace of its own\n");
    return 77;
  }
  const Arguments arguments = parse(argc, argv);
  Bench bench(arguments);
  bool good = true;
  for (const std::size_t sockets : arguments.sockets) good = bench.run(sockets) && good;
  return arguments.check && !good ? 1 : 0;
}
