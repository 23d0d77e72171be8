// SPDX-License-Identifier: Apache-2.0
#include "lib/config/webhook_keys.h"

#include <gtest/gtest.h>

#include <chrono>

#include "lib/config/print_config.h"
#include "lib/config/settings_loader.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kAlertmanager = "url = \"https://a:9093/api/v2/alerts\"\n";

Result<Settings> load(std::string_view keys) {
  return parse_settings("f", "[[alerts.webhook]]\n" + std::string(keys));
}

TEST(WebhookKeys, a_backslash_is_a_byte_like_any_other) {
  const auto one = load(
      "url = \"http://a/hook\"\nusername = 'CORP\\svc'\npassword_file = \"/etc/pw\"\n"
      "labels = { site = 'C:\\site' }\n");
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_EQ(one->alerts.webhooks.at(0).username, "CORP\\svc");
  EXPECT_EQ(one->alerts.webhooks.at(0).labels.at(0).second, "C:\\site");
  EXPECT_EQ(load("url = \"http://a/api/v2/alerts/\"\nkind = \"json\"")->alerts.webhooks.at(0).kind,
            WebhookKind::Json)
      << "said, and so no guess";
}

TEST(WebhookKeys, the_path_says_which_kind_it_is) {
  const auto one = load(kAlertmanager);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->alerts.webhooks.at(0).kind, WebhookKind::Alertmanager);
  EXPECT_EQ(load("url = \"http://a/hook\"")->alerts.webhooks.at(0).kind, WebhookKind::Json);
  EXPECT_EQ(load(std::string(kAlertmanager) + "kind = \"json\"")->alerts.webhooks.at(0).kind,
            WebhookKind::Json);
}

TEST(WebhookKeys, every_key_is_stored_and_survives_being_printed) {
  const auto settings = load(
      "url = \"https://a/x/api/v2/alerts\"\nkind = \"alertmanager\"\ntimeout = \"3s\"\n"
      "resend_interval = \"2m\"\nca_file = \"/ca\"\ncert_file = \"/cert\"\nkey_file = \"/key\"\n"
      "username = \"u\"\npassword_file = \"/p\"\ngenerator_url = \"https://wiki.example/x\"\n"
      "labels = { site = \"東京\", instance = \"web1\" }\n"
      "[[alerts.webhook]]\nurl = \"http://b/\"\nbearer_token_file = \"/t\"\n");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->alerts.webhooks.size(), 2U);
  const WebhookSettings& first = settings->alerts.webhooks[0];
  EXPECT_EQ(first.timeout, 3s);
  EXPECT_EQ(first.resend_interval, 2min);
  EXPECT_EQ(first.ca_file + first.cert_file + first.key_file + first.password_file, "/ca/cert/key/p");
  EXPECT_EQ(first.username, "u");
  EXPECT_EQ(first.labels.at(0), std::pair(std::string("site"), std::string("東京")));
  EXPECT_EQ(settings->alerts.webhooks[1].bearer_token_file, "/t");
  EXPECT_EQ(settings->origin_of("alerts.webhook"), "f:1");

  const auto again = parse_settings("printed", print_config(*settings));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->alerts, settings->alerts);
}

TEST(WebhookKeys, one_table_and_an_empty_list_are_fine_too) {
  EXPECT_EQ(parse_settings("f", "[alerts]\nwebhook = []")->alerts.webhooks.size(), 0U);
  EXPECT_EQ(parse_settings("f", "[alerts.webhook]\nurl = \"http://a/\"")->alerts.webhooks.size(), 1U);
}

TEST(WebhookKeys, mistakes_are_told_with_their_place) {
  const std::string plain = "url = \"http://a/\"\n";
  const struct {
    std::string keys, complaint;
  } cases[] = {
      {"", "f:1:1: webhook has no url, expected the receiver's address"},
      {"url = 9093",
       "f:2:7: url = 9093 is an integer, expected a URL such as \"http://127.0.0.1:9093/api/v2/alerts\""},
      {"url = \"localhost:9093\"",
       "f:2:7: url = \"localhost:9093\" is not a URL of HTTP, expected \"http://…\" or \"https://…\""},
      {plain + "knid = \"json\"",
       "f:3:1: unknown key \"knid\" in [[alerts.webhook]], did you mean \"kind\"?"},
      {plain + "kind = \"slack\"",
       "f:3:8: kind = \"slack\" is unknown, expected \"alertmanager\" or \"json\""},
      {"url = \"http://a/api/v2/alerts/\"",
       "f:1:1: webhook does not say its kind, and its url is almost Alertmanager's, expected a url that ends "
       "in "
       "/api/v2/alerts, or kind = \"json\""},
      {"url = \"http://a/alertmanager/API/V1/alerts\"",
       "f:1:1: webhook does not say its kind, and its url is almost Alertmanager's, expected a url that ends "
       "in "
       "/api/v2/alerts, or kind = \"json\""},
      {plain + "kind = \"alertmanager\"",
       "f:1:1: webhook is of kind \"alertmanager\" and its url is not, expected a url that ends in "
       "/api/v2/alerts"},
      {plain + "timeout = \"2m\"",
       "f:3:11: timeout = \"2m\" is out of range, expected a duration from \"100ms\" to \"1m\""},
      {plain + "resend_interval = \"5m\"",
       "f:1:1: webhook has resend_interval or generator_url, expected them only with kind = "
       "\"alertmanager\""},
      {std::string(kAlertmanager) + "resend_interval = \"1ms\"",
       "f:3:19: resend_interval = \"1ms\" is out of range, expected a duration from \"1s\" to \"1h\""},
      {plain + "ca_file = \"ca.pem\"",
       "f:3:11: ca_file is not absolute, expected an absolute path, or \"\" for none"},
      {plain + "bearer_token_file = \"the token itself\"",
       "f:3:21: bearer_token_file is not absolute, expected an absolute path, or \"\" for none"},
      {plain + "ca_file = \"/ca.pem\"",
       "f:1:1: webhook has ca_file or cert_file without TLS, expected a url with https://"},
      {std::string(kAlertmanager) + "key_file = \"/k\"",
       "f:1:1: webhook has only one of cert_file and key_file, expected both or none"},
      {plain + "username = \"u\"",
       "f:1:1: webhook has only one of username and password_file, expected both or none"},
      {plain + "username = \"u:v\"\npassword_file = \"/p\"",
       "f:3:12: username is not a valid user, expected a name without \":\"\n"
       "f:1:1: webhook has only one of username and password_file, expected both or none"},
      {plain + "username = \"u\"\npassword_file = \"/p\"\nbearer_token_file = \"/t\"",
       "f:1:1: webhook has bearer_token_file and username, expected one of them"},
      {plain + "labels = { \"a-b\" = \"c\" }",
       "f:3:20: a-b = \"c\" has a name that is no label's, expected letters, digits and \"_\", no digit "
       "first"},
      {plain + "labels = { severity = \"c\" }",
       "f:3:23: severity = \"c\" is a label of sockwatch's own, expected another name"},
      {plain + "labels = { site = \"\" }",
       "f:3:19: site = \"\" is not a valid label, expected 1 to 256 printable bytes"},
      {plain + "labels = \"site\"", "f:3:10: labels = \"site\" is a string, expected a table"},
      {plain + "[[alerts.webhook]]\n" + plain,
       "f:3:1: webhook has the url of another, expected each receiver once"},
  };
  for (const auto& each : cases) {
    const auto settings = load(each.keys);
    EXPECT_EQ(settings ? "" : settings.error().message, each.complaint) << each.keys;
  }
}

TEST(WebhookKeys, there_is_a_limit_to_receivers_and_labels) {
  std::string many;
  for (int i = 0; i < 9; ++i) many += "[[alerts.webhook]]\nurl = \"http://a/" + std::to_string(i) + "\"\n";
  const auto receivers = parse_settings("f", many);
  ASSERT_FALSE(receivers);
  EXPECT_NE(receivers.error().message.find("has too many receivers, expected at most 8"), std::string::npos);

  std::string labels;
  for (int i = 0; i < 17; ++i) labels += "labels.l" + std::to_string(i) + " = \"x\"\n";
  const auto labelled = load("url = \"http://a/\"\n" + labels);
  ASSERT_FALSE(labelled);
  EXPECT_NE(labelled.error().message.find("labels has too many labels"), std::string::npos)
      << labelled.error().message;
}

}  // namespace
}  // namespace sockwatch
