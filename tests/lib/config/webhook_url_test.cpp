// SPDX-License-Identifier: Apache-2.0
#include "lib/config/webhook_url.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(WebhookUrl, these_are_read) {
  const struct {
    std::string_view text;
    WebhookUrl url;
  } cases[] = {
      {"http://127.0.0.1:9093/api/v2/alerts", {false, "/api/v2/alerts"}},
      {"https://alerts.example", {true, ""}},
      {"https://alerts.example/", {true, "/"}},
      {"http://[::1]:80/x?y=/z", {false, "/x"}},
      {"http://[fd00::1]", {false, ""}},
      {"http://a_b-c:65535?q", {false, ""}},
  };
  for (const auto& each : cases) {
    const auto url = parse_webhook_url(each.text);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(*url, each.url) << each.text;
  }
}

TEST(WebhookUrl, these_are_refused) {
  const struct {
    std::string text;
    std::string_view complaint;
  } cases[] = {
      {"", "is not a URL of HTTP"},
      {"127.0.0.1:9093", "is not a URL of HTTP"},
      {"ftp://a/", "is not a URL of HTTP"},
      {"HTTP://a/", "is not a URL of HTTP"},
      {"file:///etc/passwd", "is not a URL of HTTP"},
      {"http://", "has no valid host"},
      {"http:///x", "has no valid host"},
      {"http://:80/", "has no valid host"},
      {"http://-a/", "has no valid host"},
      {"http://a,b/", "has no valid host"},
      {"http://[::1/", "has no valid host"},
      {"http://[127.0.0.1]/", "has no valid host"},
      {"http://[]/", "has no valid host"},
      {"http://::1/", "has no valid host"},
      {"http://a:/", "has no valid port"},
      {"http://a:0/", "has no valid port"},
      {"http://a:65536/", "has no valid port"},
      {"http://a:80:80/", "has no valid port"},
      {"http://[::1]80/", "has no valid port"},
      {"http://user:secret@a/", "names a user"},
      {"http://a@b/", "names a user"},
      {"http://a/#x", "has a fragment"},
      {"http://a/b c", "has characters"},
      {"http://a/\n", "has characters"},
      {"http://ä/", "has characters"},
      {"http://a\\b/", "has characters"},
      {"http://a/%zz", "has a %"},
      {"http://a/x%2", "has a %"},
      {"http://" + std::string(3000, 'a'), "is too long"},
  };
  for (const auto& each : cases) {
    const auto url = parse_webhook_url(each.text);
    ASSERT_FALSE(url) << each.text;
    EXPECT_NE(url.error().message.find(each.complaint), std::string::npos) << url.error().message;
  }
}

TEST(WebhookUrl, a_mistake_shows_no_secret) {
  for (const std::string text :
       {"http://u:secret@a/", "http://u:se/secret@a/", "ftp://u:secret@a/x", "u:secret@a",
        "http://a/secret#x", "http://a/b c/secret", "https://a:port/services/secret",
        "https://a:port?token=secret", "hooks.example/secret"}) {
    const auto url = parse_webhook_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos) << url.error().message;
  }
  EXPECT_TRUE(
      parse_webhook_url("https://a:port/x").error().message.starts_with("\"https://a:port/…\" has no valid"));
}

}  // namespace
}  // namespace sockwatch
