// SPDX-License-Identifier: Apache-2.0
// testdata/lifecycle.txt: what is open when, and what a person hears of it. The whole road from looks to
// alerts, with looks every 250 ms of a clock that is moved by hand. The file says how it is written.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "lib/alert/gate.h"
#include "lib/base/text.h"
#include "lib/policy/allow.h"
#include "lib/policy/builtin.h"
#include "lib/policy/policy_loader.h"
#include "lib/state/state_file.h"
#include "tests/lib/watch/road.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

struct Row {
  int line = 0;
  Duration at{};
  std::string what;  // the open sockets, or something that happens
  std::vector<std::string> told;
};

struct Case {
  std::string title;
  bool learn = false;
  std::string rules;  // TOML
  std::vector<Row> rows;
};

std::string rule_toml(std::string_view action, std::string_view matchers) {
  static int number = 0;
  std::string text = "[[rule]]\nname = \"rule-" + std::to_string(++number) + "\"\naction = \"";
  text += std::string(action) + "\"\n";
  for (const auto matcher : split(matchers, ';')) text += std::string(trim(matcher)) + "\n";
  return text;
}

Row row_of(int line, std::string_view text) {
  const std::size_t arrow = text.find("=>");
  const std::string_view left = trim(text.substr(0, arrow));
  const std::size_t blank = left.find(' ');
  Row row{
      line, parse_duration(left.substr(0, blank)).value_or(0s), std::string(trim(left.substr(blank))), {}};
  if (arrow == std::string_view::npos) return row;
  for (const auto alert : split(text.substr(arrow + 2), ',')) row.told.emplace_back(trim(alert));
  return row;
}

std::vector<Case> read_table() {
  std::ifstream file(SOCKWATCH_TESTS_DIR "/lib/watch/testdata/lifecycle.txt");
  std::vector<Case> cases;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = trim(line);
    if (text.empty() || text.starts_with('#')) continue;
    const std::size_t colon = text.find(':');
    const std::string_view word = text.substr(0, colon);
    if (!line.starts_with(' ')) {
      cases.push_back({std::string(text), false, "", {}});
    } else if (text == "learn") {
      cases.back().learn = true;
    } else if (parse_word<Action>(word)) {
      cases.back().rules += rule_toml(word, text.substr(colon + 1));
    } else {
      cases.back().rows.push_back(row_of(number, text));
    }
  }
  return cases;
}

// One word of a row: "sshd@ssh.service:22/udp!loopback#2".
struct OpenSocket {
  std::string program, unit, place;
  bool udp = false, assigned = false;
  std::uint16_t port = 0;
  std::string address = "0.0.0.0";
  std::string generation = "1";
};

std::string cut(std::string& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return "";
  std::string rest = text.substr(at + 1);
  text.resize(at);
  return rest;
}

OpenSocket socket_of(std::string word) {
  static const std::map<std::string, std::string> addresses{
      {"", "0.0.0.0"}, {"loopback", "127.0.0.1"}, {"private", "10.1.2.3"}, {"public", "192.88.99.5"}};
  OpenSocket made;
  if (const std::string generation = cut(word, '#'); !generation.empty()) made.generation = generation;
  made.address = addresses.at(cut(word, '!'));
  made.udp = cut(word, '/') == "udp";
  std::string port = cut(word, ':');
  made.assigned = port.starts_with('~');
  if (made.assigned) port.erase(0, 1);
  made.port = parse_integer<std::uint16_t>(port).value();
  made.place = made.address + ":" + port + (made.udp ? "/udp#" : "/tcp#") + made.generation;
  made.unit = cut(word, '@');
  made.program = word;
  return made;
}

// "docker-1" is a container, everything else a unit.
std::string cgroup_of(const std::string& unit) {
  if (!unit.starts_with("docker-")) return "0::/system.slice/" + unit + "\n";
  return "0::/system.slice/docker-" + std::string(64, unit.back()) + ".scope\n";
}

std::vector<NamedPort> no_names(std::string_view) {
  return {};
}

class Machine : public Road {
 public:
  explicit Machine(const Case& story) : rules_(story.rules) {
    pipeline_ = std::make_unique<Pipeline>(pipeline(policy()));
    if (story.learn) pipeline_->learn_at_first_look();
  }
  void TestBody() override {}

  void run(const Case& story) {
    const MonotonicTime start = clock_.now().monotonic;
    for (std::size_t i = 0; i < story.rows.size(); ++i) {
      const Row& row = story.rows[i];
      told_.clear();
      begin(row.what);
      const bool last = i + 1 == story.rows.size();
      const MonotonicTime end = start + (last ? row.at + 1s : story.rows[i + 1].at);
      while (clock_.now().monotonic < end) hear(poll(*pipeline_, records_));
      EXPECT_EQ(told_, row.told) << story.title << ", lifecycle.txt:" << row.line;
    }
  }

 private:
  Policy policy() const {
    Policy made;
    made.rules = parse_policy("rules", rules_, no_names).value();
    made.built_in = built_in_rules({{IpAddress{IpFamily::V4, {127, 0, 0, 1}}, 10762}});
    return made;
  }

  void begin(const std::string& what) {
    whole_ = complete_ = what != "torn";
    if (what == "restart") return restart();
    if (what.starts_with("reload ")) return reload(what.substr(7));
    records_.clear();
    for (const auto& pid : pids_) proc_.remove(pid);
    pids_.clear();
    if (!whole_ || what == "-") return;
    std::istringstream words(what);
    for (std::string word; words >> word;) open(socket_of(word));
  }

  void open(const OpenSocket& socket) {
    const std::uint64_t cookie = cookies_.try_emplace(socket.place, cookies_.size() + 1).first->second;
    records_.push_back(
        listening(socket.udp ? Protocol::Udp : Protocol::Tcp, socket.address, socket.port, cookie));
    if (socket.assigned) records_.back().bind = Bind::Assigned;
    if (socket.program == "?") return;
    const std::string who = socket.program + socket.generation;
    const int pid = processes_.try_emplace(who, 100 + static_cast<int>(processes_.size())).first->second;
    const std::string folder = std::to_string(pid);
    if (std::find(pids_.begin(), pids_.end(), folder) != pids_.end()) {
      const std::string fd = std::to_string(1000 + records_.size());
      return proc_.link(folder + "/fd/" + fd, "socket:[" + std::to_string(records_.back().inode) + "]");
    }
    add_process(proc_, {.pid = pid,
                        .comm = socket.program,
                        .sockets = {records_.back().inode},
                        .exe = "/usr/bin/" + socket.program});
    if (!socket.unit.empty()) proc_.write(folder + "/cgroup", cgroup_of(socket.unit));
    pids_.push_back(folder);
  }

  // Of sockwatch, by way of its file.
  void restart() {
    const std::string file =
        serialize_memory({pipeline_->learned(), pipeline_->ledger().listeners_and_gone()}, "boot");
    Memory memory = parse_memory(file, "boot", NamespaceId{}).value();
    pipeline_ = std::make_unique<Pipeline>(pipeline(policy()));
    gate_ = std::make_unique<Gate>(allow_lines);
    gate_->restore(memory.known);
    pipeline_->restore(std::move(memory));
  }

  void reload(std::string_view rule) {
    rules_ = rule_toml(rule.substr(0, rule.find(':')), rule.substr(rule.find(':') + 1));
    hear(pipeline_->reload(policy(), {}, ServiceTable(), clock_.now()));
  }

  void hear(const Delta& delta) {
    for (const Alert& alert : gate_->offer(delta)) {
      const std::string about = alert.listener ? std::to_string(alert.listener->key.local.port) : alert.rule;
      const std::string tone = alert.severity == Severity::Info && alert.listener ? "info" : "";
      told_.push_back(std::string(word(alert.event)) + " " +
                      (tone.empty() ? std::string(word(alert.tone)) : tone) +
                      (about.empty() ? "" : " " + about.substr(0, about.find('-'))));
    }
  }

  std::string rules_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Gate> gate_ = std::make_unique<Gate>(allow_lines);
  std::vector<SocketRecord> records_;
  std::vector<std::string> pids_;
  std::map<std::string, std::uint64_t> cookies_;
  std::map<std::string, int> processes_;
  std::vector<std::string> told_;
};

class TruthTable : public testing::TestWithParam<Case> {};

TEST_P(TruthTable, says_what_is_told) {
  Machine(GetParam()).run(GetParam());
}

std::string test_name(const testing::TestParamInfo<Case>& test) {
  std::string name = test.param.title;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Lifecycle, TruthTable, testing::ValuesIn(read_table()), test_name);

TEST(TruthTableFile, has_enough_cases_and_each_tells_or_denies_something) {
  const std::vector<Case> cases = read_table();
  EXPECT_GE(cases.size(), 60U);
  for (const Case& each : cases) EXPECT_GE(each.rows.size(), 2U) << each.title;
}

}  // namespace
}  // namespace sockwatch
