// SPDX-License-Identifier: Apache-2.0
// Of many sockets that were open for a moment: how many come out at the end of the road, and of how many with
// the right pid, name, user and unit. The road is the daemon's; only its loop is a simpler one, because the
// daemon's alerts are folded and cannot be counted one by one. Prints rows of a markdown table. With --check
// it exits with 1 where BPF missed one.
//   attribution_bench [--count 10000] [--check]
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "lib/base/text.h"
#include "lib/monitor/event_choice.h"
#include "lib/monitor/live_source.h"
#include "lib/monitor/monitor.h"
#include "lib/monitor/setup.h"
#include "tests/bench/events/storm.h"
#include "tests/bench/sockets/own_network.h"

namespace sockwatch::bench {
namespace {

using namespace std::chrono;

constexpr const char* kUnit = "sockwatch-storm.service";

struct Case {
  const char* name;
  Deed deed;
  microseconds hold;
};
constexpr Case kCases[] = {{"TCP of 1 ms", Deed::Tcp, 1ms},
                           {"TCP of 0 ms", Deed::Tcp, 0ms},
                           {"TCP of 0 ms, process gone at once", Deed::TcpGone, 0ms},
                           {"UDP of 0 ms", Deed::Udp, 0ms}};

struct Score {
  std::size_t seen = 0;
  std::size_t twice = 0;
  std::size_t right = 0;  // pid, name and user
  std::size_t unit = 0;
  std::uint64_t lost = 0;
};

// A cgroup that looks like a unit's, for as long as it lives.
class Unit {
 public:
  Unit() : path_(std::string(is_hybrid() ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup") + "/" + kUnit) {
    made_ = ::mkdir(path_.c_str(), 0755) == 0;
  }
  ~Unit() {
    if (made_) (void)::rmdir(path_.c_str());  // who was in it is gone
  }
  Unit(const Unit&) = delete;  // two would remove it twice
  Unit& operator=(const Unit&) = delete;

  void join() const { std::ofstream(path_ + "/cgroup.procs") << ::getpid(); }
  bool made() const { return made_; }

 private:
  static bool is_hybrid() { return ::access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0; }
  std::string path_;
  bool made_ = false;
};

// Who did what, in memory that the doers share.
std::span<Doer> shared_doers(std::size_t count) {
  void* memory =
      ::mmap(nullptr, count * sizeof(Doer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  return {static_cast<Doer*>(memory), count};
}

class Judge {
 public:
  explicit Judge(std::span<const Doer> doers) : doers_(doers), found_(doers.size(), 0) {}

  void take(const Delta& delta) {
    for (const Listener& listener : delta.opened) judge(listener);
    for (const Transition& transition : delta.transitions) {
      if (transition.event == Event::ListenerShortLived) judge(transition.listener);
    }
    for (const ListenerChange& change : delta.updated) {
      if (change.before.verdict.kind == VerdictKind::Pending) judge(change.after);
    }
  }
  Score score;

 private:
  void judge(const Listener& listener) {
    if (listener.verdict.kind == VerdictKind::Pending) return;  // nobody is told of it yet
    const std::size_t number = static_cast<std::size_t>(listener.key.local.port) - kFirstPort;
    if (number >= doers_.size()) return;
    if (found_[number]++ > 0) ++score.twice;
    if (found_[number] > 1) return;
    ++score.seen;
    const Owner& owner = listener.annotation.owner;
    if (owner.unit == kUnit) ++score.unit;
    if (owner.holders.size() != 1) return;
    const Holder& holder = owner.holders.front();
    const Doer& doer = doers_[number];
    const bool right = holder.id.pid == doer.pid && holder.uid == doer.uid && holder.comm == doer.comm.data();
    score.right += right ? 1U : 0U;
  }

  std::span<const Doer> doers_;
  std::vector<int> found_;
};

pid_t start_storm(const Case& wanted, std::span<Doer> doers, const Unit& unit) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  unit.join();
  ::_exit(do_all(wanted.deed, wanted.hold, doers) ? 0 : 1);
}

Result<Score> measure(const Case& wanted, EventsMode mode, std::size_t count) {
  auto source = LiveSource::open({{Protocol::Tcp, Protocol::Udp}, "/proc", {}});
  if (!source.ok()) return source.error();
  auto pipeline = make_pipeline(Setup{}, ProcessRoots{"/proc", "/sys/fs/cgroup"});
  if (!pipeline.ok()) return pipeline.error();
  auto choice = choose_event_feed(mode, (*source)->name_space(), "/sys/fs/cgroup");
  if (!choice.ok()) return choice.error();
  Monitor monitor({source->get(), source->get()}, *std::move(pipeline));
  monitor.follow(*choice->feed);
  const SystemClock clock;
  (void)monitor.look(LookKind::Listeners, clock);  // what is open already

  const Unit unit;
  const std::span<Doer> doers = shared_doers(count);
  Judge judge(doers);
  const pid_t storm = start_storm(wanted, doers, unit);
  int status = -1;
  for (int quiet = 0; quiet < 20;) {  // 20 times 60 ms without a word, after the storm
    pollfd waiting{choice->feed->fd(), POLLIN, 0};
    (void)::poll(&waiting, 1, 60);
    const bool heard = monitor.hear(Duration(0));
    judge.take(monitor.look(LookKind::Listeners, clock).delta);
    const bool over = status >= 0 || ::waitpid(storm, &status, WNOHANG) == storm;
    quiet = over && !heard ? quiet + 1 : 0;
  }
  judge.take(monitor.look(LookKind::Connections, clock).delta);  // tells the fate of UDP sockets
  judge.score.lost = choice->feed->lost();
  (void)::munmap(doers.data(), doers.size_bytes());
  if (status != 0) return Error{"the storm itself failed"};
  return judge.score;
}

int run(std::size_t count, bool check) {
  bool missed = false;
  std::printf("| %zu of | source | seen | lost | pid, name, user | unit |\n|---|---|---|---|---|---|\n",
              count);
  for (const Case& wanted : kCases) {
    for (const EventsMode mode : {EventsMode::Bpf, EventsMode::Perf, EventsMode::Destroy}) {
      const std::string source(word(mode));
      const auto score = measure(wanted, mode, count);
      if (!score.ok()) {
        std::printf("| %s | %s | %s | | | |\n", wanted.name, source.c_str(), score.error().message.c_str());
        continue;
      }
      std::printf("| %s | %s | %zu | %llu | %zu | %zu |%s\n", wanted.name, source.c_str(), score->seen,
                  static_cast<unsigned long long>(score->lost), score->right, score->unit,
                  score->twice > 0 ? (" " + std::to_string(score->twice) + " told twice").c_str() : "");
      (void)std::fflush(stdout);
      if (mode == EventsMode::Bpf) missed = missed || score->seen != count || score->right != count;
    }
  }
  return check && missed ? 1 : 0;
}

}  // namespace
}  // namespace sockwatch::bench

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  std::size_t count = 10'000;
  bool check = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--check") check = true;
    if (words[i] == "--count" && i + 1 < words.size())
      count = sockwatch::parse_integer<std::size_t>(words[i + 1]).value_or(count);
  }
  if (!sockwatch::bench::enter_own_network()) {
    std::printf("attribution_bench: needs root for a network namespace of its own\n");
    return 77;
  }
  return sockwatch::bench::run(std::min(count, sockwatch::bench::kMostDeeds), check);
}
