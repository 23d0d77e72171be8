// SPDX-License-Identifier: Apache-2.0
// The other end is a socket on loopback. TLS is met by tests/live/test_webhooks.py.
#include "lib/alert/sinks/curl_transport.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class Server {
 public:
  Server() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The socket calls take every kind of address by this one type.
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    ready_ = ::bind(socket_.get(), any, size) == 0 && ::listen(socket_.get(), 8) == 0 &&
             ::getsockname(socket_.get(), any, &size) == 0;
    port_ = ntohs(address.sin_port);
  }
  bool ready() const { return ready_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook?x=1"; }

  // One request, on a connection of its own or the one before; whole once it ends with `end`.
  std::string receive(std::string_view end) {
    if (!connection_.valid()) connection_.reset(::accept(socket_.get(), nullptr, nullptr));
    std::string request;
    char bytes[4096];
    while (!request.ends_with(end)) {
      const ssize_t count = ::recv(connection_.get(), bytes, sizeof(bytes), 0);
      if (count <= 0) break;
      request.append(bytes, static_cast<std::size_t>(count));
    }
    return request;
  }
  void answer(const std::string& text) {
    (void)::send(connection_.get(), text.data(), text.size(), MSG_NOSIGNAL);  // the client notices
  }
  void close() { socket_.reset(); }

 private:
  UniqueFd socket_;
  UniqueFd connection_;
  std::uint16_t port_ = 0;
  bool ready_ = false;
};

class CurlTransportTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.ready()); }
  using Change = std::function<void(CurlTransport::Options&)>;
  std::unique_ptr<CurlTransport> transport(const Change& change = [](auto&) {}) {
    CurlTransport::Options options;
    options.url = server_.url();
    options.user_agent = "sockwatch/test";
    change(options);
    return std::make_unique<CurlTransport>(std::move(options), [this] {
      const std::lock_guard lock(mutex_);
      rung_ = true;
      bell_.notify_one();
    });
  }
  HttpAnswer wait_for(CurlTransport& transport) {
    std::unique_lock lock(mutex_);
    bell_.wait(lock, [this] { return rung_; });
    rung_ = false;
    lock.unlock();
    return transport.take().value();
  }

  Server server_;
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
};

TEST_F(CurlTransportTest, a_body_is_posted_as_json_and_the_answer_comes_back_once) {
  const auto client = transport();
  EXPECT_FALSE(client->take());
  client->post(R"({"a":1})");
  const std::string request = server_.receive(R"({"a":1})");
  EXPECT_TRUE(request.starts_with("POST /hook?x=1 HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nContent-Type: application/json\r\n"), std::string::npos) << request;
  EXPECT_NE(request.find("\r\nUser-Agent: sockwatch/test\r\n"), std::string::npos) << request;
  EXPECT_EQ(request.find("Authorization"), std::string::npos) << request;
  server_.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthis\nthat");
  const HttpAnswer answer = wait_for(*client);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.problem, "this");
  EXPECT_FALSE(client->take());
}

// In a child: the limit is on a whole user, who must not be root.
TEST_F(CurlTransportTest, where_no_thread_can_be_started_that_is_the_answer) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to be a user with no other process";
  const auto client = transport();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit one{1, 1};
    constexpr uid_t kUserOfOurOwn = 3'941'028;
    if (::setrlimit(RLIMIT_NPROC, &one) != 0 || ::setresuid(kUserOfOurOwn, kUserOfOurOwn, kUserOfOurOwn) != 0)
      ::_exit(2);
    client->post("x");
    const auto answer = client->take();
    ::_exit(rung_ && answer && answer->status == 0 && answer->problem.starts_with("webhook: thread: ") ? 0
                                                                                                       : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

TEST_F(CurlTransportTest, one_connection_serves_many_bodies) {
  const auto client = transport();
  for (int i = 0; i < 3; ++i) {
    client->post("body" + std::to_string(i));
    EXPECT_FALSE(server_.receive("body" + std::to_string(i)).empty());
    server_.answer("HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(wait_for(*client).status, 204);
  }
}

TEST_F(CurlTransportTest, a_redirection_is_an_answer_and_not_followed) {
  const auto client = transport();
  client->post("x");
  (void)server_.receive("x");
  server_.answer("HTTP/1.1 307 Moved\r\nLocation: " + server_.url() + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for(*client).status, 307);
}

TEST_F(CurlTransportTest, secrets_come_from_files_and_may_change) {
  const std::string path = testing::TempDir() + "sockwatch-secret-" + std::to_string(::getpid());
  const auto bearer = transport([&](auto& options) { options.bearer_token_file = path; });
  for (const std::string secret : {"first", "second"}) {
    std::ofstream(path) << secret << "\n";
    bearer->post("x");
    EXPECT_NE(server_.receive("x").find("\r\nAuthorization: Bearer " + secret + "\r\n"), std::string::npos);
    server_.answer("HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(wait_for(*bearer).status, 204);
  }
  std::filesystem::remove(path);
  bearer->post("x");
  const HttpAnswer answer = wait_for(*bearer);
  EXPECT_EQ(answer.status, 0);
  EXPECT_TRUE(answer.problem.starts_with(path)) << answer.problem;
}

TEST_F(CurlTransportTest, a_user_and_a_password_are_sent_at_once) {
  const std::string path = testing::TempDir() + "sockwatch-password-" + std::to_string(::getpid());
  std::ofstream(path) << "secret\n";
  const auto basic = transport([&](auto& options) {
    options.username = "me";
    options.password_file = path;
  });
  basic->post("x");
  EXPECT_NE(server_.receive("x").find("\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"), std::string::npos);
  std::filesystem::remove(path);
}

TEST_F(CurlTransportTest, nobody_there_is_told_in_words_that_stay_the_same) {
  server_.close();
  const auto client = transport();
  for (int i = 0; i < 2; ++i) {
    client->post("x");
    const HttpAnswer answer = wait_for(*client);
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(answer.problem, "cannot connect: Connection refused");
  }
}

TEST_F(CurlTransportTest, a_receiver_that_says_nothing_is_given_up) {
  const auto client = transport([](auto& options) { options.timeout = 100ms; });
  client->post("x");
  const HttpAnswer answer = wait_for(*client);
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.problem, "no answer within 100ms");
}

TEST_F(CurlTransportTest, an_answer_that_breaks_off_or_is_no_http_is_no_answer) {
  const auto client = transport();
  client->post("x");
  (void)server_.receive("x");
  server_.answer("\x15\x03\x01 nonsense\r\n\r\n");
  EXPECT_EQ(wait_for(*client).status, 0);
}

TEST_F(CurlTransportTest, a_long_answer_is_cut) {
  const auto client = transport();
  client->post("x");
  (void)server_.receive("x");
  server_.answer("HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'y'));
  const HttpAnswer answer = wait_for(*client);
  EXPECT_EQ(answer.status, 500);
  EXPECT_LE(answer.problem.size(), 200U);
}

TEST_F(CurlTransportTest, what_is_under_way_is_given_up_at_the_end) {
  auto client = transport([](auto& options) { options.timeout = 1h; });
  client->post("x");
  (void)server_.receive("x");
  client.reset();  // this test ends
}

}  // namespace
}  // namespace sockwatch
