// SPDX-License-Identifier: Apache-2.0
// Pairs of certificate and key are tried by tests/live/test_webhooks.py.
#include "daemon/webhook_files.h"

#include <gtest/gtest.h>

#include "tests/fakes/file_tree.h"

namespace sockwatch {
namespace {

WebhookSettings webhook() {
  WebhookSettings made;
  made.url = "https://a.example/hook";
  return made;
}

TEST(WebhookFiles, what_can_never_work_is_named) {
  FileTree files;
  files.write("key", "-----BEGIN PRIVATE KEY-----\n");
  files.write("two", "a\nb\n");
  files.write("one", "a\n");
  WebhookSettings wrong = webhook();
  wrong.ca_file = files.at("key").string();
  wrong.bearer_token_file = files.at("two").string();
  const auto checked = check_webhook_files({wrong});
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("key holds no certificate\n"), std::string::npos)
      << checked.error().message;
  EXPECT_NE(checked.error().message.find("two: not one line of text"), std::string::npos);
  WebhookSettings broken = webhook();
  broken.cert_file = broken.key_file = files.at("key").string();
  EXPECT_FALSE(check_webhook_files({broken}).ok());
}

TEST(WebhookFiles, what_is_right_or_cannot_be_read_is_no_mistake) {
  FileTree files;
  files.write("one", "a\n");
  WebhookSettings right = webhook();
  right.username = "max";
  right.password_file = files.at("one").string();
  right.ca_file = files.at("none").string();
  EXPECT_TRUE(check_webhook_files({right, webhook()}).ok());
}

}  // namespace
}  // namespace sockwatch
