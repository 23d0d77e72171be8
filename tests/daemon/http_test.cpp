// SPDX-License-Identifier: Apache-2.0
#include "daemon/http.h"

#include <gtest/gtest.h>

#include "lib/base/text.h"
#include "lib/web/listen.h"
#include "tests/daemon/environment.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/web/http_client.h"

namespace sockwatch {
namespace {

const IpAddress kLoopback = ip("127.0.0.1");

// The only TCP socket of this process that listens; 0 where there is none.
std::uint16_t own_port() {
  for (int fd = 3; fd < 256; ++fd) {
    int listening = 0;
    int domain = 0;
    socklen_t size = sizeof(int);
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) continue;
    if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_INET) continue;
    UniqueFd borrowed(fd);
    const std::uint16_t port = port_of(borrowed);
    (void)borrowed.release();
    return port;
  }
  return 0;
}

class DaemonHttp : public testing::Test {
 protected:
  DaemonHttp() { settings_.metrics.addresses = {{.address = kLoopback, .port = 0}}; }

  void publish(std::vector<Listener> listeners = {}) {
    auto view = std::make_shared<View>();
    view->time = clock_.now();
    view->listeners = std::move(listeners);
    view->totals.looks[static_cast<std::size_t>(LookKind::Listeners)].last_success = clock_.now();
    board_.publish(std::move(view));
  }
  Result<Served> start() { return start_http(settings_, proc_.path(), board_, clock_); }
  static std::string get(const std::string& path) { return ask(connect_loopback(own_port()), "GET", path); }

  FileTree proc_;
  Settings settings_;
  ViewBoard board_;
  FakeClock clock_;
};

TEST_F(DaemonHttp, before_the_first_look_nothing_is_claimed) {
  const auto server = start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(status_of(get("/metrics")), 503);
  EXPECT_EQ(status_of(get("/-/ready")), 503);
}

TEST_F(DaemonHttp, serves_the_view_on_the_board) {
  const auto server = start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  publish({listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 1))});
  const std::string page = get("/metrics");
  EXPECT_EQ(status_of(page), 200);
  EXPECT_NE(page.find("\nsockwatch_build_info{"), std::string::npos);
  EXPECT_NE(page.find("port=\"4444\""), std::string::npos);
  EXPECT_NE(get("/api/v1/listeners").find("4444"), std::string::npos);
  EXPECT_EQ(status_of(get("/-/ready")), 200);
  EXPECT_EQ(status_of(get("/-/healthy")), 200);
}

TEST_F(DaemonHttp, a_view_of_long_ago_is_not_healthy) {
  const auto server = start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  publish();
  clock_.advance(std::chrono::seconds(31));
  EXPECT_EQ(status_of(get("/-/healthy")), 503);
}

TEST_F(DaemonHttp, the_page_has_no_more_series_than_configured) {
  settings_.metrics.max_series = 1;
  const auto server = start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  publish({listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 1))});
  const std::string page = get("/metrics");
  EXPECT_EQ(page.find("port=\"4444\""), std::string::npos);
  EXPECT_NE(page.find("port=\"other\""), std::string::npos);
}

TEST_F(DaemonHttp, every_address_is_served_and_a_strange_name_is_not) {
  settings_.metrics.addresses.push_back({.port = 0, .host = "localhost"});
  settings_.web.allowed_hosts = {"metrics.example.org"};
  const auto server = start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  publish();
  const auto status = [](const std::string& host) {
    const UniqueFd fd = connect_loopback(own_port());
    say(fd, "GET /-/ready HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return status_of(hear(fd));
  };
  EXPECT_EQ(status("localhost"), 200);
  EXPECT_EQ(status("metrics.example.org"), 200);
  EXPECT_EQ(status("evil.example"), 421);
}

TEST_F(DaemonHttp, a_port_in_use_is_one_clear_line) {
  const auto taken = listen_tcp({kLoopback, 0, 0});
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  settings_.metrics.addresses.front().port = port_of(*taken);
  const auto server = start();
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().message,
            to_string(settings_.metrics.addresses.front()) + ": Address already in use");
}

TEST_F(DaemonHttp, sockets_of_the_service_manager_win_over_the_address) {
  const FileTree tree;
  auto handed_over = listen_unix(tree.path() + "/api.sock", 0600);
  ASSERT_TRUE(handed_over.ok()) << handed_over.error().message;
  if (handed_over->get() != 3) GTEST_SKIP() << "needs descriptor 3, which is taken here";
  (void)handed_over->release();
  const EnvironmentVariable pid("LISTEN_PID", std::to_string(::getpid()));
  const EnvironmentVariable count("LISTEN_FDS", "1");
  const auto server = start();
  ASSERT_TRUE(server.ok()) << server.error().message;
  publish();
  EXPECT_EQ(own_port(), 0) << "no other socket is opened";
  EXPECT_EQ(status_of(ask(connect_unix(tree.path() + "/api.sock"), "GET", "/metrics")), 200);
}

}  // namespace
}  // namespace sockwatch
