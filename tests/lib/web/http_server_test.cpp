// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_server.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <stdexcept>

#include "lib/web/http_guard.h"
#include "lib/web/listen.h"
#include "tests/lib/web/http_client.h"

namespace sockwatch {
namespace {

// A server with a unix socket and a TCP socket, and a handler that knows a few paths.
class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    std::vector<UniqueFd> sockets;
    sockets.push_back(std::move(*listen_unix(path_, 0600)));
    sockets.push_back(std::move(*listen_tcp({*parse_ip_address("127.0.0.1"), 0, 0})));
    port_ = port_of(sockets.back());
    server_ = std::move(
        *HttpServer::start(std::move(sockets), [this](std::string_view path) { return answer(path); }));
  }

  HttpResponse answer(std::string_view path) {
    ++asked_;
    if (path == "/throws") throw std::runtime_error("on purpose");
    if (path == "/large") return {200, "text/plain", large_, nullptr};
    if (path == "/zipped") return {200, "text/plain", large_, std::make_shared<GzipBody>(large_)};
    if (path == "/hello") return {200, "text/plain", std::make_shared<const std::string>("hello\n"), nullptr};
    return {404, "text/plain", std::make_shared<const std::string>("not " + std::string(path) + "\n"),
            nullptr};
  }

  std::string get(std::string_view path) { return ask(connect_unix(path_), "GET", path); }

  TempDir dir_;
  std::string path_ = dir_.file("api.sock");
  std::uint16_t port_ = 0;
  std::atomic<int> asked_ = 0;
  std::shared_ptr<const std::string> large_ = std::make_shared<const std::string>(3000000, 'x');
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, get_is_answered_on_every_socket) {
  for (const auto* connect : {"unix", "tcp"}) {
    const UniqueFd fd = connect == std::string("unix") ? connect_unix(path_) : connect_loopback(port_);
    const std::string reply = ask(fd, "GET", "/hello");
    EXPECT_EQ(status_of(reply), 200) << connect;
    EXPECT_EQ(body_of(reply), "hello\n") << connect;
  }
}

TEST_F(HttpServerTest, head_has_the_headers_of_get_and_no_body) {
  const std::string reply = ask(connect_unix(path_), "HEAD", "/hello");
  EXPECT_EQ(status_of(reply), 200);
  EXPECT_NE(reply.find("Content-Length: 6\r\n"), std::string::npos) << reply;
  EXPECT_EQ(body_of(reply), "");
}

TEST_F(HttpServerTest, a_large_body_arrives_whole_and_is_shared) {
  EXPECT_EQ(body_of(get("/large")), *large_);
  server_.reset();
  EXPECT_EQ(large_.use_count(), 1);
}

TEST_F(HttpServerTest, a_client_that_leaves_in_the_middle_leaks_no_body) {
  {
    const UniqueFd fd = connect_unix(path_);
    say(fd, "GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    char byte = 0;
    ASSERT_EQ(::recv(fd.get(), &byte, 1, 0), 1);
  }
  server_.reset();
  EXPECT_EQ(large_.use_count(), 1);
}

TEST_F(HttpServerTest, who_asks_for_gzip_gets_it_and_nobody_else) {
  const auto get_with = [this](const std::string& header) {
    const UniqueFd fd = connect_unix(path_);
    say(fd, "GET /zipped HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + header + "\r\n");
    return hear(fd);
  };
  const std::string zipped = get_with("Accept-Encoding: gzip\r\n");
  EXPECT_NE(zipped.find("Content-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_EQ(body_of(zipped), gzip(*large_));
  for (const char* header : {"", "Accept-Encoding: identity\r\n", "Accept-Encoding: gzip;q=0\r\n"}) {
    const std::string plain = get_with(header);
    EXPECT_EQ(plain.find("Content-Encoding"), std::string::npos) << header;
    EXPECT_NE(plain.find("Vary: Accept-Encoding\r\n"), std::string::npos) << header;
    EXPECT_EQ(body_of(plain), *large_) << header;
  }
}

TEST_F(HttpServerTest, the_status_of_the_handler_is_kept) {
  const std::string reply = get("/nothing");
  EXPECT_EQ(status_of(reply), 404);
  EXPECT_EQ(body_of(reply), "not /nothing\n");
}

TEST_F(HttpServerTest, the_query_is_not_part_of_the_path) {
  EXPECT_EQ(status_of(get("/hello?a=/b")), 200);
}

TEST_F(HttpServerTest, other_methods_are_refused_without_asking_the_handler) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", "BREW"}) {
    const std::string reply = ask(connect_unix(path_), method, "/hello");
    EXPECT_EQ(status_of(reply), 405) << method;
    EXPECT_NE(reply.find("Allow: GET, HEAD\r\n"), std::string::npos) << method;
  }
  EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTest, a_body_is_refused_unread) {
  for (const char* header : {"Content-Length: 1000000", "Transfer-Encoding: chunked"}) {
    const UniqueFd fd = connect_unix(path_);
    say(fd, "GET /hello HTTP/1.1\r\nHost: test\r\n" + std::string(header) + "\r\n\r\n");
    EXPECT_EQ(status_of(hear(fd)), 413) << header;
  }
  EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTest, an_exception_of_the_handler_is_a_500) {
  EXPECT_EQ(status_of(get("/throws")), 500);
  EXPECT_EQ(status_of(get("/hello")), 200);
}

TEST_F(HttpServerTest, security_headers_are_on_every_answer) {
  for (const std::string& reply :
       {get("/hello"), get("/nothing"), get("/throws"), ask(connect_unix(path_), "POST", "/")}) {
    EXPECT_NE(reply.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos) << reply;
    EXPECT_NE(reply.find("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"),
              std::string::npos)
        << reply;
    EXPECT_NE(reply.find("Referrer-Policy: no-referrer\r\n"), std::string::npos) << reply;
    EXPECT_NE(reply.find("Cache-Control: no-store\r\n"), std::string::npos) << reply;
  }
}

TEST_F(HttpServerTest, one_connection_serves_many_requests) {
  const UniqueFd fd = connect_unix(path_);
  const std::string request = "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n";
  say(fd, request + request + "GET /nothing HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  const std::string replies = hear(fd);
  EXPECT_NE(replies.find("hello\n"), replies.rfind("hello\n")) << replies;
  EXPECT_TRUE(replies.ends_with("not /nothing\n")) << replies;
}

TEST_F(HttpServerTest, what_breaks_the_rules_is_a_400_and_ends_the_connection) {
  for (const std::string& request :
       {std::string("GET /hello HTTP/1.1\r\n"), std::string("GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n"),
        std::string("GET /hello HTTP/1.1\r\nHost: a b\r\n"), std::string("GET hello HTTP/1.1\r\nHost: a\r\n"),
        std::string("GET * HTTP/1.1\r\nHost: a\r\n"),
        std::string("GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n"),
        std::string("GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n"),
        std::string("GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n")}) {
    const UniqueFd fd = connect_unix(path_);
    say(fd, request + "\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string reply = hear(fd);
    EXPECT_EQ(status_of(reply), 400) << request;
    EXPECT_EQ(reply.find("HTTP/1.1 200"), std::string::npos) << reply;
  }
  EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTest, an_absolute_target_is_served) {
  EXPECT_EQ(body_of(get("http://127.0.0.1:10762/hello?x")), "hello\n");
  EXPECT_EQ(body_of(get("http://127.0.0.1")), "not /\n");
}

TEST_F(HttpServerTest, nothing_hides_behind_a_nul) {
  EXPECT_EQ(status_of(get("/hello%00x")), 404);
}

TEST_F(HttpServerTest, a_client_of_http_1_0_needs_no_host) {
  const UniqueFd fd = connect_unix(path_);
  say(fd, "GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status_of(hear(fd)), 200);
}

// The end comes with the request, or behind two of them.
TEST_F(HttpServerTest, a_client_that_has_ended_its_direction_is_answered_and_let_go) {
  const std::string request = "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n";
  for (const std::string& said : {request, request + request}) {
    for (const auto* connect : {"unix", "tcp"}) {
      const UniqueFd fd = connect == std::string("unix") ? connect_unix(path_) : connect_loopback(port_);
      say(fd, said);
      ::shutdown(fd.get(), SHUT_WR);
      const std::string replies = hear(fd);  // up to the end of the connection, which takes no 10 s
      EXPECT_EQ(replies.find("hello\n") == replies.rfind("hello\n"), said == request) << replies;
      EXPECT_EQ(status_of(replies), 200) << connect;
    }
  }
}

TEST_F(HttpServerTest, a_flood_of_headers_is_cut_off) {
  const UniqueFd fd = connect_unix(path_);
  say(fd, "GET /hello HTTP/1.1\r\nHost: test\r\n");
  for (int i = 0; i < 1000; ++i) say(fd, "X-Flood: " + std::string(1000, 'x') + "\r\n");
  EXPECT_NE(status_of(hear(fd)), 200);
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(status_of(get("/hello")), 200);
}

// And what the server keeps beside the text.
TEST_F(HttpServerTest, a_request_has_thirty_two_kilobytes) {
  for (const auto& [kilobytes, fits] : {std::pair(29, true), std::pair(32, false)}) {
    const UniqueFd fd = connect_unix(path_);
    say(fd, "GET /hello HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    for (int i = 0; i < kilobytes; ++i) say(fd, "X: " + std::string(1024 - 5, 'x') + "\r\n");
    say(fd, "\r\n");
    EXPECT_EQ(status_of(hear(fd)) == 200, fits) << kilobytes;
  }
}

TEST_F(HttpServerTest, noise_is_not_answered_with_a_page) {
  for (const char* noise : {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n", "\r\n\r\n\r\n\r\nxx\r\n\r\n",
                            "GET /hello HTTP/9.9\r\n\r\n"}) {
    const UniqueFd fd = connect_unix(path_);
    say(fd, noise);
    ::shutdown(fd.get(), SHUT_WR);
    EXPECT_NE(status_of(hear(fd)), 200) << noise;
  }
  EXPECT_EQ(status_of(get("/hello")), 200);
}

TEST_F(HttpServerTest, a_slow_client_holds_nobody_up) {
  const UniqueFd silent = connect_unix(path_);
  const UniqueFd half = connect_loopback(port_);
  say(half, "GET /hel");
  EXPECT_EQ(status_of(get("/hello")), 200);
  say(half, "lo HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(hear(half)), 200);
}

TEST_F(HttpServerTest, a_crowd_of_idle_clients_loses_its_oldest) {
  std::vector<UniqueFd> crowd;
  for (int i = 0; i < 400; ++i) {
    crowd.push_back(connect_loopback(port_));
    ASSERT_TRUE(crowd.back().valid());
  }
  // By the same socket: it is accepted after all of them.
  EXPECT_EQ(status_of(ask(connect_loopback(port_), "GET", "/hello")), 200);
  EXPECT_EQ(hear(crowd[400 - 256]), "") << "those beyond 256 were hung up on, the oldest first";
  pollfd next{crowd[401 - 256].get(), POLLIN, 0};
  EXPECT_EQ(::poll(&next, 1, 0), 0) << "and no others";
}

TEST_F(HttpServerTest, stopping_does_not_wait_for_a_client_that_hangs) {
  const UniqueFd silent = connect_unix(path_);
  const UniqueFd half = connect_loopback(port_);
  say(half, "GET /hello HTTP/1.1\r\n");
  EXPECT_EQ(status_of(get("/hello")), 200) << "both were accepted before this";
  server_.reset();
  EXPECT_EQ(hear(silent), "");
  EXPECT_EQ(hear(half), "");
  EXPECT_FALSE(connect_loopback(port_).valid());
}

// What a server says to a request with this Host.
class HostTest : public ::testing::Test {
 protected:
  void start(const std::vector<std::string>& allowed) {
    std::vector<UniqueFd> sockets;
    sockets.push_back(std::move(*listen_unix(dir_.file("api.sock"), 0600)));
    sockets.push_back(std::move(*listen_tcp({*parse_ip_address("127.0.0.1"), 0, 0})));
    port_ = port_of(sockets.back());
    const auto handler = [](std::string_view) {
      return HttpResponse{200, "text/plain", std::make_shared<const std::string>("in\n"), nullptr};
    };
    server_ = std::move(*HttpServer::start(std::move(sockets), handler, nullptr,
                                           std::make_unique<const HostNames>("web1", allowed)));
  }
  static int status(const UniqueFd& fd, const std::string& uri, const std::string& host) {
    say(fd, "GET " + uri + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return status_of(hear(fd));
  }

  TempDir dir_;
  std::uint16_t port_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HostTest, a_name_that_is_not_ours_is_misdirected) {
  start({});
  for (const char* host : {"127.0.0.1", "localhost:10762", "[::1]", "web1"})
    EXPECT_EQ(status(connect_loopback(port_), "/", host), 200) << host;
  EXPECT_EQ(status(connect_loopback(port_), "/", "evil.example"), 421);
  EXPECT_EQ(status(connect_loopback(port_), "http://evil.example/", "127.0.0.1"), 421);
  EXPECT_EQ(status(connect_loopback(port_), "http://127.0.0.1/", "evil.example"), 200)
      << "the target's counts";
  EXPECT_EQ(status(connect_unix(dir_.file("api.sock")), "/", "evil.example"), 200)
      << "no browser speaks to it";
}

TEST_F(HostTest, an_administrator_adds_names) {
  start({"metrics.example.org"});
  EXPECT_EQ(status(connect_loopback(port_), "/", "metrics.example.org"), 200);
  EXPECT_EQ(status(connect_loopback(port_), "/", "evil.example"), 421);
}

TEST(HttpServer, a_socket_that_cannot_listen_is_an_error) {
  std::vector<UniqueFd> none;
  none.emplace_back();
  EXPECT_FALSE(HttpServer::start(std::move(none), [](std::string_view) { return HttpResponse(); }).ok());
}

TEST(HttpServer, a_server_without_sockets_starts_and_stops) {
  EXPECT_TRUE(HttpServer::start({}, [](std::string_view) { return HttpResponse(); }).ok());
}

}  // namespace
}  // namespace sockwatch
