// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/journal_relay.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "tests/fakes/fake_journald.h"

namespace sockwatch {
namespace {

using Outcome = JournalRelay::Outcome;

// A relay that does what the test tells it, at the moment the test tells it.
class FakeRelay {
 public:
  explicit FakeRelay(const std::string& path) : listening_(bound_socket(SOCK_SEQPACKET, path)) {
    (void)::listen(listening_.get(), 8);
  }
  void accept() { connection_.reset(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK)); }
  void leave() { connection_.reset(); }
  bool is_connected() const {
    pollfd polled{connection_.get(), POLLIN, 0};
    return ::poll(&polled, 1, 0) >= 0 && (polled.revents & POLLHUP) == 0;
  }
  // Answers the next entry before it comes: so one thread is enough.
  void answer(char word) { ASSERT_EQ(::send(connection_.get(), &word, 1, 0), 1); }
  std::string received() {
    std::string bytes(1 << 17, '\0');
    const ssize_t size = ::recv(connection_.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return bytes;
  }

 private:
  UniqueFd listening_;
  UniqueFd connection_;
};

class JournalRelayTest : public SocketFolderTest {
 protected:
  std::string path() const { return folder() + "/relay"; }
  static Outcome ask_until_it_is_known(JournalRelay& relay) {
    Outcome outcome = Outcome::Pending;
    for (int i = 0; i < 100 && outcome == Outcome::Pending; ++i) outcome = relay.pass("a");
    return outcome;
  }
};

TEST_F(JournalRelayTest, without_a_relay_an_entry_goes_another_way) {
  JournalRelay relay(path());
  EXPECT_EQ(relay.pass("a"), Outcome::Away);
  EXPECT_EQ(JournalRelay("/" + std::string(200, 'x')).pass("a"), Outcome::Away);
}

TEST_F(JournalRelayTest, an_entry_is_passed_once_the_relay_says_so) {
  FakeRelay fake(path());
  JournalRelay relay(path());
  fake.accept();
  fake.answer(kRelayPassed);
  EXPECT_EQ(relay.pass("a"), Outcome::Passed);
  EXPECT_EQ(fake.received(), "a");
  fake.answer(kRelayRefused);
  EXPECT_EQ(relay.pass("b"), Outcome::Away);
  fake.answer(kRelayPassed);
  EXPECT_EQ(relay.pass("c"), Outcome::Passed) << "a refusal is no end";
}

TEST_F(JournalRelayTest, a_slow_relay_is_asked_again_and_gets_the_entry_once) {
  FakeRelay fake(path());
  JournalRelay relay(path());
  fake.accept();
  EXPECT_EQ(relay.pass("a"), Outcome::Pending);
  EXPECT_EQ(relay.pass("a"), Outcome::Pending);
  fake.answer(kRelayPassed);
  EXPECT_EQ(relay.pass("a"), Outcome::Passed);
  EXPECT_EQ(fake.received(), "a");
  EXPECT_EQ(fake.received(), "");
}

TEST_F(JournalRelayTest, a_relay_that_hangs_is_left_alone_for_a_while_and_then_tried_again) {
  FakeRelay fake(path());
  JournalRelay relay(path());
  fake.accept();
  EXPECT_EQ(ask_until_it_is_known(relay), Outcome::Away);
  int shunned = 0;
  while (shunned < 1000 && relay.pass("b") == Outcome::Away) ++shunned;
  EXPECT_GT(shunned, 10);
  EXPECT_LT(shunned, 1000);
}

TEST_F(JournalRelayTest, the_answer_to_an_entry_given_up_is_not_taken_for_the_next_one_s) {
  FakeRelay fake(path());
  JournalRelay relay(path());
  fake.accept();
  EXPECT_EQ(ask_until_it_is_known(relay), Outcome::Away);
  EXPECT_EQ(fake.received(), "a");
  EXPECT_FALSE(fake.is_connected());
}

TEST_F(JournalRelayTest, a_relay_that_has_left_is_found_again) {
  FakeRelay fake(path());
  JournalRelay relay(path());
  fake.accept();
  fake.leave();
  EXPECT_EQ(relay.pass("a"), Outcome::Pending) << "on a new connection";
  fake.accept();
  EXPECT_EQ(fake.received(), "a");
  fake.leave();
  EXPECT_EQ(relay.pass("a"), Outcome::Away) << "it went without an answer";
}

TEST_F(JournalRelayTest, an_entry_that_no_relay_takes_is_not_even_sent) {
  FakeRelay fake(path());
  JournalRelay relay(path());
  fake.accept();
  EXPECT_EQ(relay.pass(std::string(kMaxRelayedEntry + 1, 'x')), Outcome::Away);
  EXPECT_EQ(fake.received(), "");
}

}  // namespace
}  // namespace sockwatch
