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
#include "lib/monitor/touring_source.h"
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

// As many parts as the daemon works on before it gives way (daemon/polling.cpp).
constexpr int kPartsPerStep = 16;

std::unique_ptr<ConnectionCounting> counting_by(ConnectionsMode mode) {
  auto counting = make_counting(mode, "/proc");
  if (counting.ok()) return *std::move(counting);
  std::fprintf(stderr, "road_bench: %s; by netlink instead\n", counting.error().message.c_str());
  return must(make_counting(ConnectionsMode::Netlink, "/proc"));
}

// The whole road, with one of the ways to count connections.
class Road {
 public:
  explicit Road(ConnectionsMode mode)
      : counting_(counting_by(mode)),
        source_(must(LiveSource::open(
                    {{std::begin(kFamilies), std::end(kFamilies)}, "/proc", "", false, counting_.get()})),
                nullptr),
        setup_(must(load_setup(std::nullopt, {}))),
        monitor_({&source_, &source_}, must(make_pipeline(setup_, ProcessRoots{}))) {
    if (!counting_->trouble().empty())
      std::fprintf(stderr, "road_bench: no BPF: %s\n", counting_->trouble().c_str());
    (void)monitor_.look(LookKind::Listeners, clock_);
  }
  Road(const Road&) = delete;  // its parts know each other
  Road& operator=(const Road&) = delete;

  // CPU of the longest step goes into `longest`.
  void look(LookKind kind, double& longest) {
    monitor_.start(kind, clock_.now());
    for (bool over = false; !over;) {
      const Duration step = cpu_of([&] { over = monitor_.step(kind, kPartsPerStep, clock_).has_value(); });
      longest = std::max(longest, milliseconds(step));
    }
  }

 private:
  SystemClock clock_;
  std::unique_ptr<ConnectionCounting> counting_;
  TouringSource source_;
  Setup setup_;
  Monitor monitor_;
};

class Bench {
 public:
  explicit Bench(const Arguments& arguments) : arguments_(arguments) {
    must(farm_.add_listeners(arguments.listeners));
    channel_ = must(KernelChannel::open());
    for (const ConnectionsMode way : kWays) roads_.push_back(std::make_unique<Road>(way));
  }

  bool run(std::size_t sockets) {
    must(farm_.add_sockets(sockets - farm_.sockets()));
    // Once for the caches, of all sides; then it is known how many there are.
    for (const LookKind kind : all_of<LookKind>()) (void)measure_once(kind);
    std::vector<Row> rows;
    const Costs listeners = measure(LookKind::Listeners);
    report(listeners, kNetlink, {2.0}, rows);
    const Costs connections = measure(LookKind::Connections);
    report(connections, kNetlink, {1.10}, rows);
    // Where there are few it is not chosen.
    report(connections, kBpf, many() ? Goal{0.75} : Goal{}, rows);
    report(connections, kAuto, {}, rows);
    rows.push_back({"auto against the better of both",
                    median(connections.looks[kAuto]),
                    connections.auto_against_best,
                    {1.10}});
    if (arguments_.compare) compare(rows);
    std::printf("\n%zu sockets, %zu listeners, median of %d rounds; resident %zu KiB\n\n", farm_.sockets(),
                arguments_.listeners, arguments_.rounds, resident_kib());
    print(rows);
    std::fflush(stdout);
    return std::none_of(rows.begin(), rows.end(), [](const Row& row) { return row.bad(); });
  }

 private:
  static constexpr ConnectionsMode kWays[] = {ConnectionsMode::Netlink, ConnectionsMode::Bpf,
                                              ConnectionsMode::Auto};
  static constexpr std::size_t kNetlink = 0, kBpf = 1, kAuto = 2;

  // Where the goals that are for many sockets apply.
  bool many() const { return farm_.sockets() >= 100'000; }

  // Milliseconds, a number a round.
  struct Costs {
    std::string what;
    std::vector<double> drains;
    std::vector<double> looks[std::size(kWays)];
    std::vector<double> ratios[std::size(kWays)];  // to the drain of the same round
    std::vector<double> auto_against_best;
    double longest_step[std::size(kWays)] = {};
  };

  Costs measure_once(LookKind kind) {
    Costs costs;
    costs.drains = {milliseconds(cpu_of([&] { drain(*channel_, kind); }))};
    for (std::size_t i = 0; i < roads_.size(); ++i) {
      const Duration cost = cpu_of([&] { roads_[i]->look(kind, costs.longest_step[i]); });
      costs.looks[i] = {milliseconds(cost)};
    }
    return costs;
  }

  Costs measure(LookKind kind) {
    Costs all;
    all.what = word(kind);
    for (int round = 0; round < arguments_.rounds; ++round) {
      const Costs once = measure_once(kind);
      const double floor = once.drains[0];
      all.drains.push_back(floor);
      for (std::size_t i = 0; i < roads_.size(); ++i) {
        all.looks[i].push_back(once.looks[i][0]);
        all.ratios[i].push_back(once.looks[i][0] / floor);
        all.longest_step[i] = std::max(all.longest_step[i], once.longest_step[i]);
      }
      all.auto_against_best.push_back(once.looks[kAuto][0] /
                                      std::min(once.looks[kNetlink][0], once.looks[kBpf][0]));
    }
    return all;
  }

  static void report(const Costs& costs, std::size_t way, Goal goal, std::vector<Row>& rows) {
    if (way == kNetlink) rows.push_back({"bare drain, " + costs.what, median(costs.drains), {}, {}});
    const std::string name = costs.what + ", " + std::string(word(kWays[way]));
    rows.push_back({"look at " + name, median(costs.looks[way]), costs.ratios[way], goal});
    rows.push_back({"longest step of " + name, costs.longest_step[way], {}, {}});
  }

  // How many times dearer others are than our look at the connections beside them.
  void compare(std::vector<Row>& rows) {
    // What looks into every process takes too long among many sockets to be done often.
    struct Other {
      const char* command;
      bool slow;
      Goal among_many;
    };
    constexpr Other kOthers[] = {{"ss -tan", false, {3.3, true}},
                                 {"ss -tln", false, {}},
                                 {"ss -tlnp", true, {}},
                                 {"netstat -tan", false, {}},
                                 {"lsof -nP -iTCP", true, {}}};
    for (const auto& [command, slow, among_many] : kOthers) {
      std::vector<double> costs;
      std::vector<double> ratios;
      for (int i = 0; i < (slow && many() ? 1 : std::min(arguments_.rounds, 5)); ++i) {
        double longest = 0;
        const Duration ours = cpu_of([&] { roads_[kAuto]->look(LookKind::Connections, longest); });
        costs.push_back(milliseconds(cpu_of_command(command)));
        ratios.push_back(costs.back() / milliseconds(ours));
      }
      if (costs.front() < 0) continue;  // not installed
      rows.push_back({"`" + std::string(command) + "`", median(costs), ratios, many() ? among_many : Goal{}});
    }
  }

  Arguments arguments_;
  Farm farm_;
  std::unique_ptr<KernelChannel> channel_;
  std::vector<std::unique_ptr<Road>> roads_;
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
