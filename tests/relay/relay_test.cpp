// SPDX-License-Identifier: Apache-2.0
#include "relay/relay.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "lib/alert/journal_relay.h"
#include "tests/fakes/fake_journald.h"

namespace sockwatch {
namespace {

const std::string kEntry =
    "MESSAGE=a\nMESSAGE_ID=08282f408e54482196a6dae4a5acb0b6\nSYSLOG_IDENTIFIER=sockwatchd\n"
    "OBJECT_SYSTEMD_UNIT=nc.service\n";

// Blocks until the relay has answered.
class Client {
 public:
  explicit Client(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    const sockaddr_un address = address_of(path);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  void send(std::string_view entry) const {
    EXPECT_EQ(::send(socket_.get(), entry.data(), entry.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(entry.size()));
  }
  char ask(std::string_view entry) const {
    send(entry);
    char answer = 0;
    EXPECT_EQ(::recv(socket_.get(), &answer, 1, 0), 1);
    return answer;
  }

 private:
  UniqueFd socket_;
};

class RelayTest : public SocketFolderTest {
 protected:
  void SetUp() override {
    SocketFolderTest::SetUp();
    listening_ = bound_socket(SOCK_SEQPACKET, path());
    ASSERT_EQ(::listen(listening_.get(), 8), 0);
  }
  // Beside the test, until nobody is connected. So the first client comes before.
  void start() {
    thread_ = std::thread(
        [this, fd = listening_.release()] { Relay(UniqueFd(fd), folder() + "/journal").run(50); });
  }
  void TearDown() override {
    if (thread_.joinable()) thread_.join();
    SocketFolderTest::TearDown();
  }
  std::string path() const { return folder() + "/relay"; }
  FakeJournald journald() const { return FakeJournald(folder() + "/journal"); }

 private:
  UniqueFd listening_;
  std::thread thread_;
};

TEST_F(RelayTest, an_entry_reaches_journald_and_stays_findable_by_the_daemon_s_own_unit) {
  const FakeJournald journal = journald();
  const Client client(path());
  start();
  EXPECT_EQ(client.ask(kEntry), kRelayPassed);
  EXPECT_EQ(journal.receive()->bytes, kEntry + "OBJECT_SYSTEMD_UNIT=sockwatch.service\n");
}

TEST_F(RelayTest, what_is_not_an_alert_is_refused_and_the_next_entry_passes) {
  const FakeJournald journal = journald();
  const Client client(path());
  start();
  EXPECT_EQ(client.ask("MESSAGE=hello\n"), kRelayRefused);
  EXPECT_EQ(client.ask(kEntry), kRelayPassed);
  EXPECT_TRUE(journal.receive());
  EXPECT_FALSE(journal.receive());
}

TEST_F(RelayTest, it_does_not_wait_for_a_journald_that_is_away) {
  const Client client(path());
  start();
  EXPECT_EQ(client.ask(kEntry), kRelayRefused);
  const FakeJournald journal = journald();
  EXPECT_EQ(client.ask(kEntry), kRelayPassed);
}

TEST_F(RelayTest, who_left_without_an_answer_has_sent_it_another_way) {
  const FakeJournald journal = journald();
  const Client stays(path());
  std::optional<Client> leaves(path());
  leaves->send(kEntry);
  leaves.reset();
  start();
  EXPECT_EQ(stays.ask(kEntry), kRelayPassed);
  EXPECT_TRUE(journal.receive());
  EXPECT_FALSE(journal.receive());
}

TEST_F(RelayTest, it_takes_a_few_at_once_and_the_others_when_those_leave) {
  const FakeJournald journal = journald();
  std::vector<Client> clients;
  for (int i = 0; i < 6; ++i) clients.emplace_back(path());
  start();
  EXPECT_EQ(clients.front().ask(kEntry), kRelayPassed);
  clients.erase(clients.begin(), clients.end() - 1);
  EXPECT_EQ(clients.front().ask(kEntry), kRelayPassed);
}

}  // namespace
}  // namespace sockwatch
