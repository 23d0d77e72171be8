// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/sinks/journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "lib/alert/journal_entry.h"
#include "tests/lib/alert/examples.h"

namespace sockwatch {
namespace {

// Stands in for journald: a datagram socket in a folder of its own.
class FakeJournald {
 public:
  explicit FakeJournald(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    // The socket calls take every kind of address by this one type.
    bound_ = ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  bool bound() const { return bound_; }

  struct Message {
    std::string bytes;
    UniqueFd file;
  };
  std::optional<Message> receive() const {
    std::string bytes(1 << 16, '\0');
    iovec buffer{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &buffer;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    UniqueFd file;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
      file.reset(fd);
    }
    return Message{std::move(bytes), std::move(file)};
  }

 private:
  UniqueFd socket_;
  bool bound_ = false;
};

class JournalSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sockwatch-journal-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/socket"; }

  std::string folder_;
};

TEST_F(JournalSinkTest, renders_journald_s_own_protocol) {
  const Alert alert = alert_about(netcat());
  EXPECT_EQ(JournalSink(path()).render(alert), journal_entry(alert));
  EXPECT_EQ(JournalSink(path()).name(), "journal");
}

TEST_F(JournalSinkTest, an_entry_is_one_datagram) {
  const FakeJournald journald(path());
  ASSERT_TRUE(journald.bound());
  JournalSink sink(path());
  EXPECT_EQ(sink.send("MESSAGE=hello\n"), SendOutcome::Sent);
  const auto message = journald.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->bytes, "MESSAGE=hello\n");
  EXPECT_FALSE(message->file.valid());
}

TEST_F(JournalSinkTest, a_journald_that_hangs_does_not_block_us_and_loses_nothing) {
  const FakeJournald journald(path());
  JournalSink sink(path());
  std::size_t sent = 0;
  while (sent < 1'000'000 && sink.send(std::to_string(sent)) == SendOutcome::Sent) ++sent;
  ASSERT_LT(sent, 1'000'000U) << "the kernel queues a bounded number (net.unix.max_dgram_qlen)";
  EXPECT_EQ(sink.send(std::to_string(sent)), SendOutcome::TryAgain);
  for (std::size_t i = 0; i < sent; ++i) ASSERT_EQ(journald.receive()->bytes, std::to_string(i));
  EXPECT_EQ(sink.send(std::to_string(sent)), SendOutcome::Sent);
  EXPECT_EQ(journald.receive()->bytes, std::to_string(sent));
}

TEST_F(JournalSinkTest, a_journald_that_is_not_there_yet_or_gone_may_come_back) {
  JournalSink sink(path());
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

TEST_F(JournalSinkTest, an_entry_too_big_for_a_datagram_goes_as_a_sealed_file) {
  const FakeJournald journald(path());
  JournalSink sink(path());
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

TEST_F(JournalSinkTest, a_path_no_socket_can_have_fails_for_good) {
  EXPECT_EQ(JournalSink("/" + std::string(200, 'x')).send("a"), SendOutcome::Failed);
}

}  // namespace
}  // namespace sockwatch
