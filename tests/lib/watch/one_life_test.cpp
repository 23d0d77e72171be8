// SPDX-License-Identifier: Apache-2.0
// An alert has one life: whatever happens in whatever order, what stands open and is unexpected is reported
// as standing, and when nothing is open nothing is. Random stories go through the real pipeline and gate on a
// clock that is moved by hand; the seed of a story is part of its name in a failure.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <random>

#include "lib/alert/gate.h"
#include "lib/policy/allow.h"
#include "lib/policy/policy_loader.h"
#include "lib/state/state_file.h"
#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

// Each expects somebody else; none, one or several owners of a port.
constexpr std::array kPolicies{
    "",
    "[[rule]]\nname = \"late\"\naction = \"expect\"\nport = [22, 4444]\nexe = \"/usr/bin/nobody\"\n",
    "[[rule]]\nname = \"web\"\naction = \"expect\"\nport = [22, 4444, 11211]\nexe = \"/usr/bin/web\"\n",
    "[[rule]]\nname = \"two\"\naction = \"expect\"\nport = 4444\nexe = [\"/usr/bin/web\", \"/usr/bin/nc\"]\n",
    "[[rule]]\nname = \"plain\"\naction = \"expect\"\nport = 11211\nrequired = true\n",
    "[[rule]]\nname = \"quiet\"\naction = \"ignore\"\nport = [22, 40001]\n",
    "[[rule]]\nname = \"all\"\naction = \"expect\"\nport = \"1-65535\"\n"};

constexpr std::array<std::uint16_t, 5> kPorts{22, 4444, 11211, 40001, 40002};
constexpr std::array kPrograms{"web", "nc", "socat"};

struct OpenSocket {
  SocketRecord record;
  int pid = 0;  // who holds it
  bool found = true;
};

class Story : public Road {
 public:
  explicit Story(std::uint32_t seed) : random_(seed) {
    rules_ = kPolicies[pick(kPolicies.size())];
    pipeline_ = std::make_unique<Pipeline>(pipeline(policy()));
    for (const char* program : kPrograms) start(program);
  }
  void TestBody() override {}

  void run(int chapters) {
    poll_times(1);
    for (int i = 0; i < chapters; ++i) {
      one_of<void (Story::*)()>({&Story::open, &Story::open, &Story::join, &Story::close, &Story::close_port,
                                 &Story::restart_service, &Story::flash, &Story::find, &Story::find,
                                 &Story::exec, &Story::restart_sockwatch, &Story::reload,
                                 &Story::look_in_vain});
      poll_times(one_of_values({0, 1, 2, 3, 9}));
      if (chance(8)) wait(40s);
      if (::testing::Test::HasFailure()) return;
    }
    end();
  }

 private:
  // Nothing is open any more, and no rule wants it to be.
  void end() {
    open_.clear();
    rules_ = kPolicies[0];
    hear(pipeline_->reload(policy(), {}, ServiceTable(), clock_.now()));
    wait(35s);
    tell(gate_->finish(clock_.now()));
    EXPECT_TRUE(pipeline_->ledger().listeners_and_gone().empty());
    EXPECT_EQ(gate_->standing(), std::set<std::string>());
    EXPECT_TRUE(pipeline_->missing().empty());
    for (const auto& [what, last] : last_word_)
      EXPECT_EQ(last.tone, AlertTone::Right) << what << ": " << last.message;
  }

  void open() { make_socket(kPorts[pick(kPorts.size())]); }

  // SO_REUSEPORT: one more on a port that is taken.
  void join() {
    if (!open_.empty()) make_socket(static_cast<std::uint16_t>(any().record.local.port));
  }

  void make_socket(std::uint16_t port) {
    if (open_.size() >= 8) return;
    SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", port, ++cookies_);
    if (port >= 40000) record.bind = Bind::Assigned;
    open_.push_back({record, 100 + static_cast<int>(pick(kPrograms.size())), !chance(2)});
  }

  void close() {
    if (!open_.empty()) open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(pick(open_.size())));
  }

  void close_port() {
    if (open_.empty()) return;
    const std::uint32_t port = any().record.local.port;
    std::erase_if(open_, [&](const OpenSocket& socket) { return socket.record.local.port == port; });
  }

  // Other sockets in the same place, of the same program or another.
  void restart_service() {
    if (open_.empty()) return;
    const auto port = static_cast<std::uint16_t>(any().record.local.port);
    close_port();
    if (chance(2)) poll_times(1);
    make_socket(port);
  }

  // A restart that ends before its owner is found.
  void flash() {
    if (open_.empty()) return;
    restart_service();
    open_.back().found = false;
    poll_times(2);
    const std::uint32_t port = open_.back().record.local.port;
    std::erase_if(open_, [&](const OpenSocket& socket) { return socket.record.local.port == port; });
    poll_times(3);
    if (chance(2)) wait(40s);
  }

  // Whoever was not found is, or the other way round: a descriptor on its way to another process.
  void find() {
    if (!open_.empty()) any().found = !any().found;
  }

  // The descriptor goes on to another program.
  void exec() {
    if (!open_.empty()) any().pid = 100 + static_cast<int>(pick(kPrograms.size()));
  }

  void restart_sockwatch() {
    const std::string file =
        serialize_memory({pipeline_->learned(), pipeline_->ledger().listeners_and_gone()}, "boot");
    Memory memory = parse_memory(file, "boot", NamespaceId{}).value();
    tell(gate_->finish(clock_.now()));
    pipeline_ = std::make_unique<Pipeline>(pipeline(policy()));
    gate_ = std::make_unique<Gate>(allow_lines);
    gate_->restore(memory.known);
    pipeline_->restore(std::move(memory));
  }

  void reload() {
    rules_ = kPolicies[pick(kPolicies.size())];
    hear(pipeline_->reload(policy(), {}, ServiceTable(), clock_.now()));
  }

  void look_in_vain() {
    whole_ = complete_ = false;
    hear(poll(*pipeline_, {}));
    whole_ = complete_ = true;
  }

  Policy policy() const {
    Policy made;
    made.rules =
        parse_policy("rules", rules_, [](std::string_view) { return std::vector<NamedPort>(); }).value();
    return made;
  }

  void start(const std::string& program) {
    const int pid = 100 + static_cast<int>(pids_.size());
    add_process(proc_, {.pid = pid, .comm = program, .exe = "/usr/bin/" + program});
    pids_.push_back(pid);
  }

  void place_descriptors() {
    for (const std::string& link : std::exchange(links_, {})) proc_.remove(link);
    for (const OpenSocket& socket : open_) {
      if (!socket.found) continue;
      links_.push_back(std::to_string(socket.pid) + "/fd/" + std::to_string(socket.record.id.cookie + 10));
      proc_.link(links_.back(), "socket:[" + std::to_string(socket.record.inode) + "]");
    }
  }

  void poll_times(int times) {
    place_descriptors();
    std::vector<SocketRecord> records;
    for (const OpenSocket& socket : open_) records.push_back(socket.record);
    for (int i = 0; i < times; ++i) hear(poll(*pipeline_, records));
    if (times > 0) expect_what_is_wrong_to_stand();
  }

  void wait(Duration time) {
    poll_times(3);
    clock_.advance(time);
    poll_times(3);
  }

  void hear(const Delta& delta) { tell(gate_->offer(delta)); }

  void tell(const std::vector<Alert>& alerts) {
    for (const Alert& alert : alerts) {
      if (!alert.listener || alert.event == Event::ListenerShortLived) continue;
      // It ends with the listener, under a name of its own.
      if (alert.event == Event::SecondOwner && alert.listener->bind() == Bind::Assigned) continue;
      // A handed-out port is no name: there the subject tells one thing from another.
      const bool assigned = alert.listener->bind() == Bind::Assigned;
      last_word_[assigned ? alert.subject : std::to_string(alert.listener->key.local.port)] = alert;
    }
  }

  // One subject covers a program's handed-out ports, so those are left to the end.
  void expect_what_is_wrong_to_stand() {
    const std::set<std::string> standing = gate_->standing();
    pipeline_->ledger().for_each([&](const Listener& listener) {
      const std::string place = "host tcp 0.0.0.0 " + std::to_string(listener.key.local.port);
      const bool told = std::any_of(standing.begin(), standing.end(), [&](const std::string& subject) {
        return subject.ends_with(place) && !subject.starts_with("plaintext");
      });
      if (listener.bind() == Bind::Assigned || listener.verdict.kind == VerdictKind::Pending) return;
      EXPECT_EQ(told, listener.verdict.kind == VerdictKind::Unexpected) << place;
    });
  }

  std::size_t pick(std::size_t size) { return random_() % size; }
  bool chance(unsigned of) { return random_() % of == 0; }
  int one_of_values(std::vector<int> values) { return values[pick(values.size())]; }
  template <typename Member>
  void one_of(std::vector<Member> steps) {
    (this->*steps[pick(steps.size())])();
  }
  OpenSocket& any() { return open_[pick(open_.size())]; }

  std::mt19937 random_;
  std::string rules_ = kPolicies[0];
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Gate> gate_ = std::make_unique<Gate>(allow_lines);
  std::vector<OpenSocket> open_;
  std::uint64_t cookies_ = 0;
  std::vector<int> pids_;
  std::vector<std::string> links_;
  std::map<std::string, Alert> last_word_;
};

TEST(OneLife, whatever_happens_ends_with_nothing_standing) {
  for (std::uint32_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Story(seed).run(60);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace sockwatch
