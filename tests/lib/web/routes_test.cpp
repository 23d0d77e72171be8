// SPDX-License-Identifier: Apache-2.0
#include "lib/web/routes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "lib/web/listen.h"
#include "tests/fakes/fake_clock.h"
#include "tests/lib/web/http_client.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

class RoutesTest : public ::testing::Test {
 protected:
  std::shared_ptr<View> seen_now() const {
    auto view = std::make_shared<View>();
    view->time = clock_.now();
    view->totals.looks[static_cast<std::size_t>(LookKind::Listeners)].last_success = clock_.now();
    return view;
  }

  ViewBoard board_;
  FakeClock clock_;
  int rendered_ = 0;
  Routes routes_{{board_,
                  clock_,
                  {"0.1.0", "0123abc"},
                  [this](const View&) { return "page " + std::to_string(++rendered_) + "\n"; },
                  30s}};
};

TEST_F(RoutesTest, every_page_has_its_type) {
  board_.publish(seen_now());
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"/", "text/html; charset=utf-8"},
      {"/style.css", "text/css; charset=utf-8"},
      {"/page.js", "text/javascript; charset=utf-8"},
      {"/icon.svg", "image/svg+xml"},
      {"/metrics", "text/plain; version=0.0.4; charset=utf-8"},
      {"/api/v1/listeners", "application/json"},
      {"/api/v1/connections", "application/json"},
      {"/api/v1/alerts", "application/json"},
      {"/api/v1/status", "application/json"},
      {"/-/healthy", "text/plain; charset=utf-8"},
      {"/-/ready", "text/plain; charset=utf-8"},
  };
  for (const auto& [path, type] : expected) {
    const HttpResponse response = routes_.answer(path);
    EXPECT_EQ(response.status, 200U) << path;
    EXPECT_EQ(response.content_type, type) << path;
    EXPECT_FALSE(response.body->empty()) << path;
  }
}

TEST_F(RoutesTest, paths_match_exactly) {
  board_.publish(seen_now());
  for (const char* path : {"", "//", "/metrics/", "/metrics/foo", "/Metrics", "/api", "/api/v1", "/-/",
                           "/style.css/", "/../etc/passwd", "/metrics\xff"}) {
    EXPECT_EQ(routes_.answer(path).status, 404U) << path;
  }
}

TEST_F(RoutesTest, every_reader_gets_a_stream_of_his_own) {
  board_.publish(seen_now());
  const HttpResponse one = routes_.answer("/api/v1/stream");
  const HttpResponse other = routes_.answer("/api/v1/stream");
  EXPECT_EQ(one.status, 200U);
  EXPECT_EQ(one.content_type, "text/event-stream");
  EXPECT_TRUE(one.stream->next().starts_with("event: changed\n"));
  EXPECT_TRUE(other.stream->next().starts_with("event: changed\n"));
}

TEST_F(RoutesTest, json_pages_are_json) {
  board_.publish(seen_now());
  for (const char* path : {"/api/v1/listeners", "/api/v1/connections", "/api/v1/alerts", "/api/v1/status"}) {
    const auto document = nlohmann::json::parse(*routes_.answer(path).body);
    EXPECT_EQ(document["schema"], 1) << path;
  }
}

TEST_F(RoutesTest, before_the_first_view_nothing_is_shown_but_the_daemon_lives) {
  for (const char* path : {"/", "/metrics", "/api/v1/listeners", "/api/v1/status", "/-/ready"}) {
    EXPECT_EQ(routes_.answer(path).status, 503U) << path;
  }
  EXPECT_EQ(*routes_.answer("/-/healthy").body, "sockwatch is healthy\n");
  EXPECT_EQ(rendered_, 0);
}

TEST_F(RoutesTest, a_stale_look_is_unhealthy_but_still_ready) {
  board_.publish(seen_now());
  EXPECT_EQ(routes_.answer("/-/healthy").status, 200U);
  clock_.advance(31s);
  EXPECT_EQ(routes_.answer("/-/healthy").status, 503U);
  EXPECT_EQ(routes_.answer("/-/ready").status, 200U);
}

TEST_F(RoutesTest, one_view_is_rendered_once_a_second) {
  board_.publish(seen_now());
  const HttpResponse first = routes_.answer("/metrics");
  clock_.advance(999ms);
  EXPECT_EQ(routes_.answer("/metrics").body, first.body) << "the same bytes, not a copy";
  clock_.advance(1ms);
  EXPECT_EQ(*routes_.answer("/metrics").body, "page 2\n") << "ages on the page go on";
}

TEST_F(RoutesTest, a_large_page_is_compressed_once_a_rendering_and_a_small_one_never) {
  Routes routes({board_, clock_, {}, [](const View&) { return std::string(5000, 'm'); }, 30s});
  board_.publish(seen_now());
  const HttpResponse first = routes.answer("/metrics");
  ASSERT_TRUE(first.gzip);
  EXPECT_EQ(routes.answer("/metrics").gzip->get(), first.gzip->get());
  board_.publish(seen_now());
  EXPECT_NE(routes.answer("/metrics").gzip, first.gzip);
  EXPECT_FALSE(routes_.answer("/metrics").gzip);
}

TEST_F(RoutesTest, a_new_view_is_rendered_at_once) {
  board_.publish(seen_now());
  (void)routes_.answer("/metrics");
  board_.publish(seen_now());
  EXPECT_EQ(*routes_.answer("/metrics").body, "page 2\n");
}

TEST_F(RoutesTest, uptime_counts_from_the_start) {
  clock_.advance(5s);
  board_.publish(seen_now());
  EXPECT_EQ(nlohmann::json::parse(*routes_.answer("/api/v1/status").body)["build"]["uptime_ms"], 5000);
}

TEST_F(RoutesTest, are_served) {
  const TempDir dir;
  std::vector<UniqueFd> sockets;
  sockets.push_back(std::move(*listen_unix(dir.file("api.sock"), 0600)));
  const auto server =
      HttpServer::start(std::move(sockets), [this](std::string_view path) { return routes_.answer(path); });
  ASSERT_TRUE(server.ok());
  EXPECT_EQ(status_of(ask(connect_unix(dir.file("api.sock")), "GET", "/metrics")), 503);
  board_.publish(seen_now());
  const std::string reply = ask(connect_unix(dir.file("api.sock")), "GET", "/metrics");
  EXPECT_EQ(status_of(reply), 200);
  EXPECT_NE(reply.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), std::string::npos);
  EXPECT_EQ(body_of(reply), "page 1\n");
  EXPECT_EQ(status_of(ask(connect_unix(dir.file("api.sock")), "GET", "/metrics/")), 404);
}

TEST_F(RoutesTest, a_page_that_takes_long_is_kept_for_ten_times_as_long_but_not_for_ever) {
  for (const auto& [takes, kept] : {std::pair(500ms, 5s), std::pair(60'000ms, 20s)}) {
    int rendered = 0;
    Duration cpu{};
    Routes slow{{board_,
                 clock_,
                 {},
                 [&, takes = takes](const View&) {
                   cpu += takes;
                   return std::to_string(++rendered);
                 },
                 30s,
                 "",
                 [&cpu] { return cpu; }}};
    for (Duration age{}; age < kept; age += 1s) {
      board_.publish(seen_now());
      EXPECT_EQ(*slow.answer("/metrics").body, "1");
      clock_.advance(1s);
    }
    EXPECT_EQ(*slow.answer("/metrics").body, "2");
  }
}

}  // namespace
}  // namespace sockwatch
