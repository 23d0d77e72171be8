// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_api.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

std::string body(std::string_view response) {
  const auto found = body_of(response);
  return found.ok() ? *found : "error: " + found.error().message;
}

TEST(DaemonApi, the_body_stands_behind_the_headers) {
  EXPECT_EQ(body("HTTP/1.0 200 OK\r\n\r\n"), "");
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\na\r\n\r\nb"), "a\r\n\r\nb");
}

TEST(DaemonApi, other_answers_are_errors) {
  EXPECT_EQ(body(""), "error: the answer is not HTTP");
  EXPECT_EQ(body("\x15\x03\x03"), "error: the answer is not HTTP");
  EXPECT_EQ(body("HTTP/1."), "error: answered HTTP/1.");
  EXPECT_EQ(body("HTTP/1.1 503 Service Unavailable\r\n\r\nnot yet\n"),
            "error: answered HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(body("HTTP/1.1 404 \x1b[31m\r\n\r\n"), "error: answered HTTP/1.1 404 \\x1b[31m");
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n"), "error: the answer is cut short");
}

TEST(DaemonApi, where_none_answers_every_place_that_was_tried_is_told) {
  // Port 1 of an address that nobody has.
  const auto answer = ask_daemon({"/no/such/socket", *parse_listen_address("127.255.255.254:1")}, "/");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(
      answer.error().message,
      "no daemon answers: /no/such/socket: connect: No such file or directory; 127.255.255.254:1: connect: "
      "Connection refused");
  EXPECT_NE(ask_daemon({std::string(200, 'x'), {}}, "/").error().message.find("too long"), std::string::npos);
}

}  // namespace
}  // namespace sockwatch
