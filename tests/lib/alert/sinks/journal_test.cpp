// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/journal.h"

#include <gtest/gtest.h>

#include "lib/alert/journal_entry.h"
#include "tests/fakes/fake_journald.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

class JournalSinkTest : public SocketFolderTest {
 protected:
  std::string journal() const { return folder() + "/journal"; }
  std::string relay() const { return folder() + "/relay"; }
  JournalSink sink() const { return JournalSink(journal(), relay()); }
};

TEST_F(JournalSinkTest, renders_journald_s_own_protocol) {
  const Alert alert = alert_about(netcat());
  EXPECT_EQ(sink().render(alert), journal_entry(alert));
  EXPECT_EQ(sink().name(), "journal");
}

TEST_F(JournalSinkTest, without_a_relay_every_entry_goes_straight) {
  const FakeJournald journald(journal());
  ASSERT_TRUE(journald.bound());
  JournalSink made = sink();
  const std::string entry = made.render(alert_about(netcat()));
  EXPECT_EQ(made.send(entry), SendOutcome::Sent);
  EXPECT_EQ(journald.receive()->bytes, entry);
}

TEST_F(JournalSinkTest, only_what_is_about_a_unit_goes_by_the_relay) {
  const FakeJournald journald(journal());
  const UniqueFd listening = bound_socket(SOCK_SEQPACKET, relay());
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  JournalSink made = sink();
  EXPECT_EQ(made.send("MESSAGE=monitoring recovered\n"), SendOutcome::Sent);
  EXPECT_TRUE(journald.receive());
  EXPECT_EQ(made.send(made.render(alert_about(netcat()))), SendOutcome::TryAgain) << "it has not answered";
  EXPECT_FALSE(journald.receive()) << "or it would come twice";
}

TEST_F(JournalSinkTest, an_entry_the_relay_never_answers_for_goes_straight) {
  const FakeJournald journald(journal());
  const UniqueFd listening = bound_socket(SOCK_SEQPACKET, relay());
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  JournalSink made = sink();
  const std::string entry = made.render(alert_about(netcat()));
  int again = 0;
  while (again < 100 && made.send(entry) == SendOutcome::TryAgain) ++again;
  EXPECT_LT(again, 100);
  EXPECT_EQ(journald.receive()->bytes, entry);
}

}  // namespace
}  // namespace sockwatch
