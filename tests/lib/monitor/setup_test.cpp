// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/setup.h"

#include <gtest/gtest.h>

#include "lib/policy/builtin.h"
#include "lib/policy/judge.h"
#include "lib/state/state_file.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRule = "[[rule]]\nname = \"web\"\naction = \"expect\"\nprotocol = \"tcp\"\n";

// /etc/sockwatch of a test.
class SetupTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return tree_.path() + "/" + name; }
  Result<sockwatch::Setup> load(const std::vector<std::string>& listen_addresses = {}) const {
    return load_setup(path("sockwatch.toml"), listen_addresses);
  }
  // Every mistake, the folder's own path taken out.
  std::string problems() const {
    const auto setup = load();
    std::string text = setup.ok() ? "" : setup.error().message;
    const std::string prefix = tree_.path() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  FileTree tree_;
};

TEST_F(SetupTest, reads_settings_drop_ins_and_policy) {
  tree_.write("sockwatch.toml", "[watch]\nlisteners = \"500ms\"\n[policy]\ndefault = \"ignore\"\n");
  tree_.write("conf.d/10-more.toml", "[watch]\nlisteners = \"1s\"\n");
  tree_.write("policy.d/50-web.toml", std::string(kRule) + "port = [80, 443]\n");
  tree_.write("policy.d/60-ssh.toml", "[[rule]]\nname = \"ssh\"\naction = \"alert\"\nport = \"ssh\"\n");
  const auto setup = load();
  ASSERT_TRUE(setup.ok()) << setup.error().message;
  EXPECT_EQ(setup->settings().watch.listeners, 1s);
  EXPECT_EQ(setup->settings().origin_of("watch.listeners"), path("conf.d/10-more.toml") + ":2");
  ASSERT_EQ(setup->policy.rules.size(), 2U);
  EXPECT_EQ(setup->policy.rules[0].origin, "policy.d/50-web.toml:1");
  EXPECT_EQ(setup->policy.rules[1].ports[0].first, 22) << "the compiled-in names are known to rules";
  EXPECT_EQ(setup->policy.default_action, Action::Ignore);
  EXPECT_FALSE(setup->policy.built_in.empty());
}

TEST_F(SetupTest, a_named_file_must_exist) {
  EXPECT_EQ(problems(), "sockwatch.toml: cannot be read: No such file or directory");
}

TEST_F(SetupTest, an_empty_file_is_the_defaults) {
  tree_.write("sockwatch.toml", "");
  const auto setup = load();
  ASSERT_TRUE(setup.ok()) << setup.error().message;
  EXPECT_EQ(setup->settings().watch, WatchSettings());
  EXPECT_TRUE(setup->policy.rules.empty());
}

TEST_F(SetupTest, the_command_lines_address_wins_and_is_what_our_own_listener_is_expected_on) {
  tree_.write("sockwatch.toml", "[metrics]\naddress = \"127.0.0.1:9999\"\n");
  const auto setup = load({"[::1]:8888"});
  ASSERT_TRUE(setup.ok()) << setup.error().message;
  EXPECT_EQ(to_string(setup->settings().metrics.addresses.front()), "[::1]:8888");
  EXPECT_EQ(setup->policy.built_in[0].ports[0].first, 8888);
}

TEST_F(SetupTest, an_address_that_is_none_is_told) {
  tree_.write("sockwatch.toml", "");
  const auto setup = load({"127.0.0.1"});
  ASSERT_FALSE(setup.ok());
  EXPECT_NE(setup.error().message.find("\"127.0.0.1\" has no port, expected"), std::string::npos)
      << setup.error().message;
}

TEST_F(SetupTest, every_mistake_in_the_settings_is_told) {
  tree_.write("sockwatch.toml", "[watch]\nlisteners = 5\n");
  tree_.write("conf.d/10-more.toml", "[watch]\nlistners = \"1s\"\n");
  const std::string text = problems();
  EXPECT_TRUE(text.starts_with("sockwatch.toml:2:13: ")) << text;
  EXPECT_NE(text.find("\nconf.d/10-more.toml:2:1: "), std::string::npos) << text;
}

TEST_F(SetupTest, every_mistake_in_the_policy_is_told) {
  tree_.write("sockwatch.toml", "");
  tree_.write("policy.d/50-web.toml", std::string(kRule) + "port = 70000\n");
  tree_.write("policy.d/60-web.toml", std::string(kRule) + "port = 80\naddress = \"10.0.0.0/33\"\n");
  const std::string text = problems();
  EXPECT_TRUE(text.starts_with("policy.d/50-web.toml:5:8: ")) << text;
  EXPECT_NE(text.find("\npolicy.d/60-web.toml:2:8: "), std::string::npos) << "the name is taken: " << text;
  EXPECT_NE(text.find("\npolicy.d/60-web.toml:6:11: "), std::string::npos) << text;
}

TEST_F(SetupTest, own_port_names_win_and_are_known_to_rules) {
  tree_.write("ports.tsv", "4444\ttcp\tour-backup\tNightly backup\n");
  tree_.write("sockwatch.toml", "[annotate]\nservices_file = \"" + path("ports.tsv") + "\"\n");
  tree_.write("policy.d/50.toml", std::string(kRule) + "port = \"our-backup\"\n");
  const auto setup = load();
  ASSERT_TRUE(setup.ok()) << setup.error().message;
  EXPECT_EQ(setup->services.find(Protocol::Tcp, 4444)->name, "our-backup");
  EXPECT_EQ(setup->policy.rules[0].ports[0].first, 4444);
}

TEST_F(SetupTest, mistakes_in_own_port_names_are_told) {
  tree_.write("sockwatch.toml", "[annotate]\nservices_file = \"" + path("ports.tsv") + "\"\n");
  EXPECT_EQ(problems(), "ports.tsv: cannot be read: No such file or directory");
  tree_.write("ports.tsv", "99999\ttcp\tx\n");
  EXPECT_TRUE(problems().starts_with("ports.tsv:1:1: ")) << problems();
}

TEST_F(SetupTest, the_pipeline_gets_the_graces_and_the_scope_that_were_set) {
  tree_.write("sockwatch.toml",
              "[policy]\nrestart_grace = \"7s\"\nowner_grace = \"3s\"\nplaintext_scope = \"public\"\n");
  const auto setup = load();
  ASSERT_TRUE(setup.ok()) << setup.error().message;
  const PipelineSettings settings = pipeline_settings(setup->settings());
  EXPECT_EQ(settings.restart_grace, 7s);
  EXPECT_EQ(settings.owner_grace, 3s);
  EXPECT_EQ(settings.plaintext_scope, Scope::Public);
}

TEST(NeedsRestart, names_the_keys_that_a_reload_cannot_put_in_force) {
  const Settings running;
  Settings fresh;
  EXPECT_TRUE(needs_restart(running, fresh).empty());
  fresh.watch.listeners = 5s;
  fresh.watch.cpu_budget = 0.5;
  fresh.policy.default_action = Action::Ignore;
  fresh.annotate.services_file = "/etc/ports";
  EXPECT_TRUE(needs_restart(running, fresh).empty()) << "those take effect at once";
  fresh.watch.families = {Protocol::Tcp};
  fresh.watch.connections_source = ConnectionsMode::Netlink;
  fresh.watch.events = EventsMode::Off;
  fresh.metrics.max_series = 7;
  fresh.alerts.journal = false;
  EXPECT_EQ(needs_restart(running, fresh),
            (std::vector<std::string>{"watch.families", "watch.connections_source", "watch.events", "metrics",
                                      "alerts"}));
}

TEST(MakePipeline, needs_a_proc_to_find_owners_in) {
  const FileTree tree;
  const auto pipeline = make_pipeline({}, {tree.path() + "/proc", tree.path()});
  ASSERT_FALSE(pipeline.ok());
  EXPECT_EQ(pipeline.error().message, "open " + tree.path() + "/proc: No such file or directory");
}

TEST(MakePipeline, does_without_a_cgroup_tree) {
  const FileTree tree;
  EXPECT_TRUE(make_pipeline({}, {tree.path(), tree.path() + "/cgroup"}).ok());
}

TEST(Recall, tells_what_a_daemon_has_learned_here) {
  FileTree tree("proc/sys/kernel/random/boot_id = this-boot\nstate/");
  Memory memory;
  memory.learned.insert({"host", Protocol::Tcp, "22", Scope::Any, "ssh.service"});
  memory.known = {listener(listening(Protocol::Tcp, "0.0.0.0", 22, 9))};
  ASSERT_TRUE(StateFile(tree.path() + "/state").save(memory, "this-boot").ok());
  const auto recalled = recall(tree.path() + "/state", tree.path() + "/proc", NamespaceId{5});
  ASSERT_TRUE(recalled.has_value());
  EXPECT_EQ(recalled->learned, memory.learned);
  EXPECT_EQ(recalled->known[0].members[0].id, (SocketId{NamespaceId{5}, 9}));
}

TEST(ExpectRunningDaemon, its_pages_are_the_sockets_that_it_remembers_and_those_of_its_units) {
  std::vector<Listener> known{listener(listening(Protocol::Tcp, "127.0.0.1", 19090, 9)),
                              listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 10))};
  known[0].verdict.rule = kMetricsRule;
  known[1].verdict.rule = "default";
  const Memory memory{{}, known};
  Policy policy{{}, built_in_rules({{ip("127.0.0.1"), 10762}}), Action::Alert};
  expect_running_daemon(memory, policy.built_in);
  const auto verdict = [&](const Listener& each) {
    return judge(each, policy, {}, OwnerEvidence::Final).kind;
  };
  EXPECT_EQ(verdict(memory.known[0]), VerdictKind::Expected);
  EXPECT_EQ(verdict(memory.known[1]), VerdictKind::Unexpected);
  Listener other = memory.known[0];
  other.members[0].id.cookie = 11;
  EXPECT_EQ(verdict(other), VerdictKind::Unexpected) << "somebody else where it served";
  Listener configured = listener(listening(Protocol::Tcp, "127.0.0.1", 10762, 12));
  EXPECT_EQ(verdict(configured), VerdictKind::Unexpected) << "anybody may listen there";
  configured.annotation.owner.unit = "sockwatch.socket";
  EXPECT_EQ(verdict(configured), VerdictKind::Expected);
}

TEST(Recall, with_nothing_there_nothing_is_learned) {
  FileTree tree;
  EXPECT_FALSE(recall(tree.path() + "/missing", tree.path(), {}));
  EXPECT_FALSE(recall(tree.path(), tree.path(), {}));
  tree.write("state.json", "nonsense");
  EXPECT_FALSE(recall(tree.path(), tree.path(), {}));
  EXPECT_TRUE(std::filesystem::exists(tree.at("state.json"))) << "a look touches nothing";
}

TEST(OwnStats, are_zeros_where_proc_does_not_tell) {
  const FileTree tree;
  EXPECT_EQ(own_stats(tree.path()).resident_bytes, 0U);
  EXPECT_EQ(own_stats(tree.path() + "/missing").start_time_seconds, 0);
  EXPECT_GT(own_stats("/proc").resident_bytes, 0U);
}

}  // namespace
}  // namespace sockwatch
