// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http_request.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(HttpRequest, the_host_of_an_absolute_target_counts) {
  const struct {
    std::string_view uri, host, name, path;
  } cases[] = {
      {"/metrics", "a:1", "a", "/metrics"},   {"/metrics", " a ", "a", "/metrics"},
      {"/metrics", "", "", "/metrics"},       {"http://b:2/metrics", "a", "b", "/metrics"},
      {"HTTPS://b", "a", "b", "/"},           {"http://[::1]:2/x", "a", "[::1]", "/x"},
      {"/http://b/", "a", "a", "/http://b/"},
  };
  for (const auto& each : cases) {
    const auto target = parse_target(each.uri, each.host);
    ASSERT_TRUE(target) << each.uri;
    EXPECT_EQ(target->host.name, each.name) << each.uri;
    EXPECT_EQ(target->path, each.path) << each.uri;
  }
}

TEST(HttpRequest, what_is_no_target_is_nothing) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"metrics", "a"},      {"*", "a"},         {"", "a"},     {"http://", "a"},      {"http:///x", "a"},
      {"http://u@b/x", "a"}, {"ftp://b/x", "a"}, {"/x", "a b"}, {"http://b/x", "a b"},
  };
  for (const auto& [uri, host] : cases) EXPECT_FALSE(parse_target(uri, host)) << uri << " " << host;
}

TEST(HttpRequest, a_nul_stays_as_it_was_written) {
  const std::pair<std::string, std::string> cases[] = {
      {"/metrics", "/metrics"},
      {"/metrics%00x", "/metrics%00x"},
      {"%2F%41%7e", "/A~"},
      {"%", "%"},
      {"%4", "%4"},
      {"%zz%", "%zz%"},
      {"a%20b", "a b"},
      {"%250", "%0"},
  };
  for (const auto& [written, read] : cases) {
    std::string text = written;
    text.resize(unescape(text.data()));
    EXPECT_EQ(text, read) << written;
  }
}

}  // namespace
}  // namespace sockwatch
