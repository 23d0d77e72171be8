// SPDX-License-Identifier: Apache-2.0
// The service manager's side of event_loop.h, with this test as the service manager.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "daemon/event_loop.h"
#include "lib/base/text.h"
#include "tests/daemon/environment.h"
#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

UniqueFd unix_socket(int type, const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

class ServiceNotify : public testing::Test {
 protected:
  std::string heard() const {
    std::array<char, 1024> buffer;
    const ssize_t length = ::recv(manager_.get(), buffer.data(), buffer.size(), 0);
    return length < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(length));
  }

  FileTree tree_;
  UniqueFd manager_ = unix_socket(SOCK_DGRAM, tree_.path() + "/notify");
  EnvironmentVariable address_{"NOTIFY_SOCKET", tree_.path() + "/notify"};
};

TEST_F(ServiceNotify, ready_comes_with_a_status) {
  service::ready("Watching 3 listeners");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=Watching 3 listeners");
  service::status("Watching 4 listeners");
  EXPECT_EQ(heard(), "STATUS=Watching 4 listeners");
}

TEST_F(ServiceNotify, a_reload_says_when_it_began) {
  service::reloading();
  const std::string said = heard();
  const std::string_view beginning = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(said.starts_with(beginning)) << said;
  EXPECT_TRUE(parse_integer<std::uint64_t>(std::string_view(said).substr(beginning.size()))) << said;
}

TEST_F(ServiceNotify, the_rest_is_one_word_each) {
  service::feed_watchdog();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  service::stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
  EXPECT_EQ(heard(), "nothing");
}

TEST(Service, without_a_manager_nothing_happens) {
  const EnvironmentVariable none("NOTIFY_SOCKET", std::nullopt);
  service::ready("to nobody");
}

TEST(Service, inherits_no_sockets_but_those_meant_for_this_process) {
  {
    const EnvironmentVariable pid("LISTEN_PID", "1");
    const EnvironmentVariable count("LISTEN_FDS", "1");
    EXPECT_TRUE(service::inherited_sockets().empty());
  }
  EXPECT_TRUE(service::inherited_sockets().empty());
}

TEST(Service, inherits_the_sockets_handed_over_once) {
  const FileTree tree;
  UniqueFd handed_over = unix_socket(SOCK_STREAM, tree.path() + "/api");
  constexpr int kFirst = 3;  // SD_LISTEN_FDS_START, and the first that is free in most processes
  if (handed_over.get() != kFirst) GTEST_SKIP() << "needs descriptor 3, which is taken here";
  const EnvironmentVariable pid("LISTEN_PID", std::to_string(::getpid()));
  const EnvironmentVariable count("LISTEN_FDS", "1");
  (void)handed_over.release();
  const std::vector<UniqueFd> sockets = service::inherited_sockets();
  ASSERT_EQ(sockets.size(), 1U);
  EXPECT_EQ(sockets[0].get(), kFirst);
  EXPECT_TRUE(service::inherited_sockets().empty());
}

TEST(Service, the_log_goes_to_the_journal_where_standard_error_is_its_stream) {
  struct stat facts {};
  ASSERT_EQ(::fstat(STDERR_FILENO, &facts), 0);
  const std::string own = std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
  {
    const EnvironmentVariable stream("JOURNAL_STREAM", own);
    EXPECT_TRUE(service::logs_to_journal());
  }
  {
    const EnvironmentVariable stream("JOURNAL_STREAM", own + "1");
    EXPECT_FALSE(service::logs_to_journal()) << "standard error was sent elsewhere";
  }
  const EnvironmentVariable none("JOURNAL_STREAM", std::nullopt);
  EXPECT_FALSE(service::logs_to_journal());
}

}  // namespace
}  // namespace sockwatch
