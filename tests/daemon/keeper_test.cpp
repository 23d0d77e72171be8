// SPDX-License-Identifier: Apache-2.0
#include "daemon/keeper.h"

#include <gtest/gtest.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/alert/fake_sink.h"

namespace sockwatch {
namespace {

constexpr NamespaceId kHost{7};

class KeeperTest : public testing::Test {
 protected:
  KeeperTest() {
    log::start(LogLevel::Debug, log::Style::JournalPrefix);
    tree_.add("proc/sys/kernel/random/boot_id = this-boot");
    memory_.learned.insert({"host", Protocol::Tcp, "22", Scope::Any, "ssh.service"});
    memory_.known = {listener(listening(Protocol::Tcp, "0.0.0.0", 22, 9))};
  }

  Keeper keeper(const std::string& directory = "state") const {
    return {tree_.path() + "/" + directory, tree_.path() + "/proc"};
  }
  // What is logged meanwhile, the folder's own path taken out.
  std::string said_by(const std::function<void()>& work) const {
    testing::internal::CaptureStderr();
    work();
    std::string text = testing::internal::GetCapturedStderr();
    const std::string prefix = tree_.path() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }
  Delivery delivery() const {
    std::vector<std::unique_ptr<AlertSink>> sinks;
    sinks.push_back(std::make_unique<FakeSink>(receiver_));
    return Delivery(std::move(sinks));
  }
  static std::optional<std::string> waiting_in(const Delivery& delivery) {
    return delivery.worth_saving() ? std::optional(delivery.serialize()) : std::nullopt;
  }
  // One that holds an alert nobody takes.
  Delivery waiting_delivery() const {
    receiver_->answer = SendOutcome::TryAgain;
    Delivery made = delivery();
    Alert alert;
    alert.message = "nobody hears me";
    made.offer({alert}, clock_.now());
    made.flush(clock_.now());
    return made;
  }

  FileTree tree_;
  FakeClock clock_;
  Memory memory_;
  std::shared_ptr<FakeReceiver> receiver_ = std::make_shared<FakeReceiver>();
};

TEST(SavePace, a_few_saves_come_at_once_and_a_storm_of_them_takes_a_twentieth_of_the_time) {
  using namespace std::chrono_literals;
  SavePace pace;
  MonotonicTime now(1h);
  EXPECT_EQ(pace.rest(now), 0s);
  Duration saving{};
  int at_once = 0;
  const MonotonicTime end = now + 100s;
  while (now < end) {
    const Duration rest = pace.rest(now);
    if (rest == 0s && saving == at_once * 50ms) ++at_once;
    now += rest + 50ms;
    saving += 50ms;
    pace.saved(now, 50ms);
  }
  EXPECT_GE(at_once, 5);
  EXPECT_LE(saving, 5500ms);
  EXPECT_GE(saving, 4500ms);
  now += 1h;
  EXPECT_EQ(pace.rest(now), 0s) << "calm again";
}

TEST_F(KeeperTest, at_the_very_first_start_there_is_nothing_and_nothing_to_say) {
  Keeper first = keeper();
  const auto memory = first.load(kHost);
  EXPECT_TRUE(memory.ok() && !memory->has_value());
  EXPECT_TRUE(std::filesystem::is_directory(tree_.at("state"))) << "the last part of the path is made";
}

TEST_F(KeeperTest, what_one_run_saves_the_next_one_knows) {
  (void)keeper().save({memory_, {}}, clock_.now());
  const auto loaded = keeper().load(kHost);
  ASSERT_TRUE(loaded.ok() && loaded->has_value());
  const Memory& memory = **loaded;
  EXPECT_EQ(memory.learned, memory_.learned);
  ASSERT_EQ(memory.known.size(), 1U);
  EXPECT_EQ(memory.known[0].members[0].id, (SocketId{kHost, 9}));
}

TEST_F(KeeperTest, after_a_reboot_the_sockets_are_others) {
  (void)keeper().save({memory_, {}}, clock_.now());
  tree_.add("proc/sys/kernel/random/boot_id = next-boot");
  const auto memory = keeper().load(kHost);
  ASSERT_TRUE(memory.ok() && memory->has_value());
  EXPECT_EQ((*memory)->known[0].members[0].id.cookie, 0U);
}

TEST_F(KeeperTest, a_corrupt_file_is_an_error_at_each_start_until_something_is_saved) {
  tree_.write("state/state.json", "{}");
  EXPECT_TRUE(keeper().load(kHost).error().message.ends_with("key 'version' not found"));
  Keeper next = keeper();
  EXPECT_FALSE(next.load(kHost).ok());
  ASSERT_TRUE(next.save({memory_, {}}, clock_.now()).ok());
  EXPECT_TRUE(keeper().load(kHost).ok());
}

TEST_F(KeeperTest, without_a_usable_directory_it_goes_on_and_says_so_once) {
  Keeper lost = keeper("no/such/place");
  const auto memory = lost.load(kHost);
  EXPECT_TRUE(memory.ok() && !memory->has_value());
  const std::string said = said_by([&] {
    EXPECT_FALSE(lost.save({memory_, {}}, clock_.now()).ok());
    clock_.advance(std::chrono::seconds(1));
    EXPECT_FALSE(lost.save({memory_, {}}, clock_.now()).ok());
  });
  EXPECT_EQ(
      said,
      "<4>not remembered over a restart: create no/such/place/state.json.new: No such file or directory\n");
}

TEST_F(KeeperTest, trouble_that_comes_and_goes_is_said_once_in_a_minute) {
  Keeper shaky = keeper();
  const auto save_with_trouble = [&] {
    tree_.add("state/state.json.new/inside = x");
    std::string said = said_by([&] { (void)shaky.save({memory_, {}}, clock_.now()); });
    tree_.remove("state/state.json.new");
    return said;
  };
  EXPECT_NE(save_with_trouble(), "");
  EXPECT_EQ(said_by([&] { (void)shaky.save({memory_, {}}, clock_.now()); }), "");
  EXPECT_EQ(save_with_trouble(), "");
  clock_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(save_with_trouble().ends_with(" (1 more since)\n"));
}

TEST_F(KeeperTest, alerts_that_wait_survive_a_restart) {
  {
    const Delivery before = waiting_delivery();
    (void)keeper().save({memory_, waiting_in(before)}, clock_.now());
  }
  receiver_->answer = SendOutcome::Sent;
  Delivery after = delivery();
  Keeper next = keeper();
  next.load_waiting_alerts(after);
  after.flush(clock_.now());
  EXPECT_EQ(receiver_->got, std::vector<std::string>{"nobody hears me"});
  (void)next.save({memory_, waiting_in(after)}, clock_.now());
  Delivery later = delivery();
  keeper().load_waiting_alerts(later);
  EXPECT_EQ(later.waiting(), 0U) << "told once, not at every start";
}

TEST_F(KeeperTest, where_nothing_waits_nothing_is_written) {
  Keeper idle = keeper();
  (void)idle.save({memory_, waiting_in(delivery())}, clock_.now());
  EXPECT_FALSE(std::filesystem::exists(tree_.at("state/alerts.queue")));
}

TEST_F(KeeperTest, waiting_alerts_that_cannot_be_read_are_said) {
  tree_.write("state/alerts.queue", "nonsense");
  Delivery fresh = delivery();
  EXPECT_EQ(said_by([&] { keeper().load_waiting_alerts(fresh); }),
            "<4>state/alerts.queue: saved alerts: not a file of ours, or of another version\n");
  EXPECT_EQ(fresh.waiting(), 0U);
}

}  // namespace
}  // namespace sockwatch
