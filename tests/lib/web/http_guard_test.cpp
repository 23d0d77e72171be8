// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_guard.h"

#include <gtest/gtest.h>

#include "lib/web/listen.h"
#include "tests/fakes/file_tree.h"
#include "tests/lib/web/http_client.h"

namespace sockwatch {
namespace {

// Of "secret".
constexpr const char* kUsers =
    "basic_auth_users:\n  alice: $2b$04$fQaMtssXYa7FHMfbSHPzkOitDqEqjDS3W2OSlYD5YtjmaQiX5/Shy\n";
constexpr const char* kSlowUser =
    "basic_auth_users:\n  alice: $2b$14$fQaMtssXYa7FHMfbSHPzkOitDqEqjDS3W2OSlYD5YtjmaQiX5/Shy\n";
constexpr const char* kDearUser =
    "basic_auth_users:\n  alice: $2b$09$fQaMtssXYa7FHMfbSHPzkOkEfW5mr.gMfG6XDSqOxF/STETRO1LJ2\n";
constexpr const char* kRight = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";
constexpr const char* kWrong = "Authorization: Basic YWxpY2U6c2VjcmV1\r\n";
constexpr const char* kUnknown = "Authorization: Basic Ym9iOnNlY3JldA==\r\n";

class HttpGuardTest : public ::testing::Test {
 protected:
  void start(const char* config) {
    folder_.write("web.yml", config);
    auto guard = HttpGuard::start(*WebAccess::open(folder_.at("web.yml"), [](const Result<void>&) {}));
    std::vector<UniqueFd> sockets;
    sockets.push_back(std::move(*listen_unix(folder_.at("api.sock"), 0600)));
    sockets.push_back(std::move(*listen_tcp({*parse_ip_address("127.0.0.1"), 0, 0})));
    port_ = port_of(sockets.back());
    server_ = std::move(*HttpServer::start(
        std::move(sockets),
        [](std::string_view) {
          return HttpResponse{200, "text/plain", std::make_shared<const std::string>("in\n"), nullptr};
        },
        *std::move(guard)));
  }
  UniqueFd ask_with(std::string_view header) const {
    UniqueFd fd = connect_loopback(port_);
    say(fd, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + std::string(header) + "\r\n");
    return fd;
  }
  std::string get(std::string_view header) const { return hear(ask_with(header)); }

  FileTree folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpGuardTest, only_the_right_password_opens) {
  start(kUsers);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(body_of(get(kRight)), "in\n") << "computed, then recognised";
    for (const char* header : {"", kWrong, kUnknown, "Authorization: Basic !\r\n"}) {
      const std::string reply = get(header);
      EXPECT_EQ(status_of(reply), 401) << header;
      EXPECT_NE(reply.find("WWW-Authenticate: Basic\r\n"), std::string::npos) << header;
      EXPECT_EQ(reply.find("in\n"), std::string::npos) << header;
    }
  }
}

TEST_F(HttpGuardTest, a_unix_socket_has_its_mode_instead) {
  start(kUsers);
  EXPECT_EQ(body_of(ask(connect_unix(folder_.at("api.sock")), "GET", "/")), "in\n");
}

TEST_F(HttpGuardTest, several_requests_of_one_connection_are_each_asked) {
  start(kUsers);
  const UniqueFd fd = connect_loopback(port_);
  const std::string request = "GET / HTTP/1.1\r\nHost: test\r\n";
  say(fd,
      request + kRight + "\r\n" + request + kWrong + "\r\n" + request + kRight + "Connection: close\r\n\r\n");
  const std::string replies = hear(fd);
  const std::size_t refused = replies.find("HTTP/1.1 401");
  ASSERT_NE(refused, std::string::npos) << replies;
  EXPECT_LT(replies.find("HTTP/1.1 200"), refused);
  EXPECT_GT(replies.rfind("HTTP/1.1 200"), refused);
}

// Each check takes a second: only those who sleep are in the way of anybody.
TEST_F(HttpGuardTest, a_crowd_of_guessers_keeps_out_neither_the_others_nor_the_end) {
  start(kSlowUser);
  std::vector<UniqueFd> guessers;
  for (int i = 0; i < 65; ++i) guessers.push_back(ask_with(kWrong));
  EXPECT_EQ(status_of(get(kWrong)), 503) << "what cannot be computed is told so at once";
  EXPECT_EQ(status_of(get("")), 401);
  EXPECT_EQ(body_of(ask(connect_unix(folder_.at("api.sock")), "GET", "/")), "in\n");
  server_.reset();
  int answered = 0;
  for (const UniqueFd& fd : guessers) answered += hear(fd).empty() ? 0 : 1;
  EXPECT_LT(answered, 65) << "the end did not wait for all of them";
}

// A hundred connections guess from one address: another address is not kept out, and comes next.
TEST_F(HttpGuardTest, guesses_of_one_client_keep_no_other_client_out) {
  start(kDearUser);
  std::vector<UniqueFd> guessers;
  for (int i = 0; i < 100; ++i) guessers.push_back(ask_with(kWrong));
  const UniqueFd other = connect_from("127.0.0.2", port_);
  say(other, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + std::string(kRight) + "\r\n");
  EXPECT_EQ(body_of(hear(other)), "in\n");
}

TEST_F(HttpGuardTest, a_sleeper_that_leaves_is_no_trouble) {
  start(kUsers);
  for (int i = 0; i < 5; ++i) ask_with(kWrong).reset();
  EXPECT_EQ(body_of(get(kRight)), "in\n");
}

TEST_F(HttpGuardTest, without_users_everybody_may) {
  start("http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n");
  const std::string reply = get("");
  EXPECT_EQ(body_of(reply), "in\n");
  EXPECT_NE(reply.find("X-Frame-Options: sameorigin\r\n"), std::string::npos) << reply;
}

}  // namespace
}  // namespace sockwatch
