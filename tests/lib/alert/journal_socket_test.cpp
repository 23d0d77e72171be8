// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/journal_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_journald.h"

namespace sockwatch {
namespace {

class JournalSocketTest : public SocketFolderTest {
 protected:
  std::string path() const { return folder() + "/socket"; }
};

TEST_F(JournalSocketTest, an_entry_is_one_datagram) {
  const FakeJournald journald(path());
  ASSERT_TRUE(journald.bound());
  JournalSocket sink(path());
  EXPECT_EQ(sink.send("MESSAGE=hello\n"), SendOutcome::Sent);
  const auto message = journald.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->bytes, "MESSAGE=hello\n");
  EXPECT_FALSE(message->file.valid());
}

TEST_F(JournalSocketTest, a_journald_that_hangs_does_not_block_us_and_loses_nothing) {
  const FakeJournald journald(path());
  JournalSocket sink(path());
  std::size_t sent = 0;
  while (sent < 1'000'000 && sink.send(std::to_string(sent)) == SendOutcome::Sent) ++sent;
  ASSERT_LT(sent, 1'000'000U) << "the kernel queues a bounded number (net.unix.max_dgram_qlen)";
  EXPECT_EQ(sink.send(std::to_string(sent)), SendOutcome::TryAgain);
  for (std::size_t i = 0; i < sent; ++i) ASSERT_EQ(journald.receive()->bytes, std::to_string(i));
  EXPECT_EQ(sink.send(std::to_string(sent)), SendOutcome::Sent);
  EXPECT_EQ(journald.receive()->bytes, std::to_string(sent));
}

TEST_F(JournalSocketTest, a_journald_that_is_not_there_yet_or_gone_may_come_back) {
  JournalSocket sink(path());
  EXPECT_EQ(sink.send("early"), SendOutcome::TryAgain) << "no socket";
  {
    const FakeJournald first(path());
    EXPECT_EQ(sink.send("a"), SendOutcome::Sent);
  }
  EXPECT_EQ(sink.send("b"), SendOutcome::TryAgain) << "a socket nobody has open";
  std::filesystem::remove(path());
  const FakeJournald second(path());
  EXPECT_EQ(sink.send("b"), SendOutcome::Sent);
  EXPECT_EQ(second.receive()->bytes, "b");
}

TEST_F(JournalSocketTest, an_entry_too_big_for_a_datagram_goes_as_a_sealed_file) {
  const FakeJournald journald(path());
  JournalSocket sink(path());
  std::string big(8 << 20, 'x');
  big.back() = 'y';
  ASSERT_EQ(sink.send(big), SendOutcome::Sent);
  const auto message = journald.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->bytes, "");
  ASSERT_TRUE(message->file.valid());
  EXPECT_EQ(::fcntl(message->file.get(), F_GET_SEALS),
            F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  std::string content(big.size() + 1, '\0');
  EXPECT_EQ(::pread(message->file.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(big.size()));
  content.pop_back();
  EXPECT_TRUE(content == big);
}

TEST_F(JournalSocketTest, a_path_no_socket_can_have_fails_for_good) {
  EXPECT_EQ(JournalSocket("/" + std::string(200, 'x')).send("a"), SendOutcome::Failed);
}

}  // namespace
}  // namespace sockwatch
