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
#include "tests/bench/sockets/farm.h"
#include "tests/bench/sockets/own_network.h"

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

constexpr Protocol kFamilies[] = {Protocol::Tcp, Protocol::Udp};

// Asks what a look of this kind asks and reads the answers without looking at them: the floor.
void drain(Channel& channel, LookKind kind) {
  for (const Family& family : families()) {
    if (std::find(std::begin(kFamilies), std::end(kFamilies), family.protocol) == std::end(kFamilies) ||
        family.pace != Pace::EveryLook)
      continue;
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

// What a ratio must not pass, or must reach.
struct Goal {
  double ratio = 0;  // none
  bool reach = false;

  bool met(double measured, double slack = 1) const {
    return ratio == 0 || (reach ? measured * slack >= ratio : measured <= ratio * slack);
  }
};

struct Row {
  std::string what;
  double cost;                 // ms
  std::vector<double> ratios;  // to the yardstick, one a round
  Goal goal;

  // Past twice its goal.
  bool bad() const { return !ratios.empty() && !goal.met(median(ratios), 2); }
};

void print(const Row& row) {
  std::printf("| %s | %.3f ms", row.what.c_str(), row.cost);
  if (!row.ratios.empty()) {
    const auto [least, most] = std::minmax_element(row.ratios.begin(), row.ratios.end());
    std::printf(", %.2f (%.2f to %.2f) x", median(row.ratios), *least, *most);
  }
  if (row.goal.ratio == 0) return (void)std::printf(" | | |\n");
  std::printf(" | %s %.2f x | %s |\n", row.goal.reach ? ">=" : "<=", row.goal.ratio,
              row.goal.met(median(row.ratios)) ? "met" : "missed");
}

void print(const std::vector<Row>& rows) {
  std::printf("| CPU of | measured | goal | |\n|---|---|---|---|\n");
  for (const Row& row : rows) print(row);
}

class Bench {
 public:
  explicit Bench(const Arguments& arguments) : arguments_(arguments) {
    must(farm_.add_listeners(arguments.listeners));
    channel_ = must(KernelChannel::open());
    source_ = must(LiveSource::open({{std::begin(kFamilies), std::end(kFamilies)}, "/proc", ""}));
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
    measure(LookKind::Listeners, {2.0}, rows);
    measure(LookKind::Connections, {1.10}, rows);
    if (arguments_.compare) compare(rows);
    std::printf("\n%zu sockets, %zu listeners, median of %d rounds; resident %zu KiB\n\n", farm_.sockets(),
                arguments_.listeners, arguments_.rounds, resident_kib());
    print(rows);
    std::fflush(stdout);
    return std::none_of(rows.begin(), rows.end(), [](const Row& row) { return row.bad(); });
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

  void measure(LookKind kind, Goal goal, std::vector<Row>& rows) {
    std::vector<double> drains;
    std::vector<double> looks;
    std::vector<double> ratios;
    for (int i = 0; i < arguments_.rounds; ++i) {
      const Pair costs = pair(kind);
      drains.push_back(costs.drain);
      looks.push_back(costs.look);
      ratios.push_back(costs.look / costs.drain);
    }
    const std::string name = std::string(word(kind)) + ", " + std::to_string(farm_.sockets()) + " sockets";
    rows.push_back({"bare drain, " + name, median(drains), {}, {}});
    rows.push_back({"look at " + name, median(looks), ratios, goal});
  }

  // How many times dearer others are than our look at the connections beside them.
  void compare(std::vector<Row>& rows) {
    // What looks into every process takes too long among many sockets to be done often.
    struct Other {
      const char* command;
      bool slow;
      Goal among_many;
    };
    constexpr Other kOthers[] = {{"ss -tan", false, {2.3, true}},
                                 {"ss -tln", false, {}},
                                 {"ss -tlnp", true, {}},
                                 {"netstat -tan", false, {}},
                                 {"lsof -nP -iTCP", true, {}}};
    for (const auto& [command, slow, among_many] : kOthers) {
      const bool many = farm_.sockets() >= 100'000;
      std::vector<double> costs;
      std::vector<double> ratios;
      for (int i = 0; i < (slow && many ? 1 : std::min(arguments_.rounds, 5)); ++i) {
        const Duration ours = cpu_of([&] { (void)monitor_->look(LookKind::Connections, clock_); });
        costs.push_back(milliseconds(cpu_of_command(command)));
        ratios.push_back(costs.back() / milliseconds(ours));
      }
      if (costs.front() < 0) continue;  // not installed
      rows.push_back({"`" + std::string(command) + "`", median(costs), ratios, many ? among_many : Goal{}});
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
  const Arguments arguments = parse(argc, argv);
  if (!enter_own_network()) {
    std::printf("road_bench: needs root for a network namespace of its own\n");
    return 77;
  }
  Bench bench(arguments);
  bool good = true;
  for (const std::size_t sockets : arguments.sockets) good = bench.run(sockets) && good;
  return arguments.check && !good ? 1 : 0;
}
