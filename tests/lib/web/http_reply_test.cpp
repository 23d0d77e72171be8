// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_reply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace sockwatch {
namespace {

std::string value_of(const std::vector<HttpHeader>& headers, std::string_view name) {
  std::string values;
  for (const HttpHeader& header : headers) {
    if (header.name == name) values += "[" + header.value + "]";
  }
  return values;
}

TEST(HttpReply, a_configured_header_replaces_ours_and_others_are_added) {
  const auto headers = standing_headers(
      std::vector<HttpHeader>{{"X-Frame-Options", "sameorigin"}, {"Strict-Transport-Security", "max-age=5"}});
  EXPECT_EQ(value_of(headers, "X-Frame-Options"), "[sameorigin]");
  EXPECT_EQ(value_of(headers, "Strict-Transport-Security"), "[max-age=5]");
  EXPECT_EQ(value_of(headers, "X-Content-Type-Options"), "[nosniff]");
  EXPECT_EQ(headers.size(), standing_headers({}).size() + 1);
}

TEST(HttpReply, what_a_handler_throws_is_a_500) {
  const HttpHandler throws = [](std::string_view) -> HttpResponse { throw std::runtime_error("on purpose"); };
  const HttpResponse answer = ask(throws, "/");
  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(answer.body->find("on purpose"), std::string::npos) << "what went wrong is nobody's business";
}

}  // namespace
}  // namespace sockwatch
