// SPDX-License-Identifier: Apache-2.0
#include "lib/config/webhook_keys.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "lib/base/text.h"
#include "lib/config/toml_text.h"
#include "lib/config/webhook_url.h"
#include "lib/model/alert_labels.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMost = 8;
constexpr std::size_t kMostLabels = 16;
constexpr std::size_t kLongestLabel = 256;
constexpr std::string_view kAlertsPath = "/api/v2/alerts";

bool is_label_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= kLongestLabel && !(name.front() >= '0' && name.front() <= '9') &&
         !name.starts_with("__") && std::all_of(name.begin(), name.end(), fits);
}

// On one line and valid UTF-8. A backslash is a byte like any other: "DOMAIN\\user".
bool is_plain_text(std::string text) {
  std::erase(text, '\\');
  return printable(text) == text;
}

// A path that somebody meant as Alertmanager's, and is not.
bool looks_like_alertmanager(std::string path) {
  std::transform(path.begin(), path.end(), path.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return path.find("api/v1") != path.npos || path.find("api/v2") != path.npos ||
         path.find("alertmanager") != path.npos;
}

template <std::string WebhookSettings::*member>
void read_url(const KeyValue& field, WebhookSettings& webhook) {
  const auto text = field.text("a URL such as \"http://127.0.0.1:9093/api/v2/alerts\"");
  if (!text) return;
  const auto url = parse_webhook_url(*text);
  if (!url) return field.reject(url.error());
  webhook.*member = *text;
}

void read_kind(const KeyValue& field, WebhookSettings& webhook) {
  if (const auto kind = field.word<WebhookKind>()) webhook.kind = *kind;
}

void read_timeout(const KeyValue& field, WebhookSettings& webhook) {
  const auto duration = field.duration(100ms, 1min, "a duration from \"100ms\" to \"1m\"");
  if (duration) webhook.timeout = *duration;
}

void read_resend_interval(const KeyValue& field, WebhookSettings& webhook) {
  const auto duration = field.duration(1s, 1h, "a duration from \"1s\" to \"1h\"");
  if (duration) webhook.resend_interval = *duration;
}

// Somebody may have written the secret itself instead of its file.
template <std::string WebhookSettings::*file>
void read_path(const KeyValue& field, WebhookSettings& webhook) {
  if (const auto path = field.unshown().path()) webhook.*file = *path;
}

void read_username(const KeyValue& field, WebhookSettings& webhook) {
  constexpr std::string_view kExpected = "a name without \":\"";
  const auto name = field.text(kExpected);
  if (!name) return;
  if (name->empty() || name->find(':') != std::string::npos || !is_plain_text(*name)) {
    return field.unshown().reject("is not a valid user", kExpected);
  }
  webhook.username = *name;
}

void read_labels(const KeyValue& field, WebhookSettings& webhook) {
  for (const KeyValue& label : field.entries()) {
    const auto value = label.text("a text");
    if (!value) continue;
    if (!is_label_name(label.name())) {
      label.reject("has a name that is no label's", "letters, digits and \"_\", no digit first");
    } else if (is_alert_label(label.name())) {  // "instance" and "job" are defaults that may be replaced
      label.reject("is a label of sockwatch's own", "another name");
    } else if (value->empty() || value->size() > kLongestLabel || !is_plain_text(*value)) {
      label.reject("is not a valid label", "1 to 256 printable bytes");
    } else {
      webhook.labels.emplace_back(label.name(), *value);
    }
  }
  if (webhook.labels.size() > kMostLabels) field.reject("has too many labels", "at most 16");
}

std::string print_kind(const WebhookSettings& webhook) {
  return toml_quote(word(webhook.kind));
}

std::string print_resend_interval(const WebhookSettings& webhook) {
  const bool resends = webhook.kind == WebhookKind::Alertmanager;
  return resends ? toml_quote(to_string(webhook.resend_interval)) : "";
}

template <std::string WebhookSettings::*text>
std::string print_text(const WebhookSettings& webhook) {
  return (webhook.*text).empty() ? "" : toml_quote(webhook.*text);
}

std::string print_labels(const WebhookSettings& webhook) {
  std::string text;
  for (const auto& [name, value] : webhook.labels) {
    text += (text.empty() ? "{ " : ", ") + name + " = " + toml_quote(value);
  }
  return text.empty() ? "" : text + " }";
}

constexpr std::array kWebhookKeys = {
    WebhookKey{"url", read_url<&WebhookSettings::url>, print_text<&WebhookSettings::url>},
    WebhookKey{"kind", read_kind, print_kind},
    WebhookKey{"timeout", read_timeout,
               [](const WebhookSettings& webhook) { return toml_quote(to_string(webhook.timeout)); }},
    WebhookKey{"resend_interval", read_resend_interval, print_resend_interval},
    WebhookKey{"ca_file", read_path<&WebhookSettings::ca_file>, print_text<&WebhookSettings::ca_file>},
    WebhookKey{"cert_file", read_path<&WebhookSettings::cert_file>, print_text<&WebhookSettings::cert_file>},
    WebhookKey{"key_file", read_path<&WebhookSettings::key_file>, print_text<&WebhookSettings::key_file>},
    WebhookKey{"bearer_token_file", read_path<&WebhookSettings::bearer_token_file>,
               print_text<&WebhookSettings::bearer_token_file>},
    WebhookKey{"username", read_username, print_text<&WebhookSettings::username>},
    WebhookKey{"password_file", read_path<&WebhookSettings::password_file>,
               print_text<&WebhookSettings::password_file>},
    WebhookKey{"generator_url", read_url<&WebhookSettings::generator_url>,
               print_text<&WebhookSettings::generator_url>},
    WebhookKey{"labels", read_labels, print_labels},
};

std::vector<std::string_view> names_of(std::span<const WebhookKey> keys) {
  std::vector<std::string_view> names;
  for (const WebhookKey& key : keys) names.push_back(key.name);
  return names;
}

// What each key is by itself and cannot be with the others.
struct Contradiction {
  bool (*found)(const WebhookSettings& webhook, const WebhookUrl& url);
  std::string_view wrong;
  std::string_view expected;
};

constexpr std::array kContradictions = {
    Contradiction{[](const WebhookSettings& webhook, const WebhookUrl& url) {
                    return webhook.kind == WebhookKind::Alertmanager && !url.path.ends_with(kAlertsPath);
                  },
                  "is of kind \"alertmanager\" and its url is not", "a url that ends in /api/v2/alerts"},
    Contradiction{[](const WebhookSettings& webhook, const WebhookUrl&) {
                    const WebhookSettings plain;
                    return webhook.kind == WebhookKind::Json &&
                           (webhook.resend_interval != plain.resend_interval ||
                            !webhook.generator_url.empty());
                  },
                  "has resend_interval or generator_url", "them only with kind = \"alertmanager\""},
    Contradiction{[](const WebhookSettings& webhook, const WebhookUrl& url) {
                    return !url.encrypted && (!webhook.ca_file.empty() || !webhook.cert_file.empty());
                  },
                  "has ca_file or cert_file without TLS", "a url with https://"},
    Contradiction{[](const WebhookSettings& webhook, const WebhookUrl&) {
                    return webhook.cert_file.empty() != webhook.key_file.empty();
                  },
                  "has only one of cert_file and key_file", "both or none"},
    Contradiction{[](const WebhookSettings& webhook, const WebhookUrl&) {
                    return webhook.username.empty() != webhook.password_file.empty();
                  },
                  "has only one of username and password_file", "both or none"},
    Contradiction{[](const WebhookSettings& webhook, const WebhookUrl&) {
                    return !webhook.bearer_token_file.empty() && !webhook.username.empty();
                  },
                  "has bearer_token_file and username", "one of them"},
};

// Absent where it cannot be used; the problems say why.
std::optional<WebhookSettings> read_webhook(const KeyValue& field) {
  const auto names = names_of(kWebhookKeys);
  if (field.table() == nullptr) return std::nullopt;
  WebhookSettings webhook;
  bool has_url = false;
  bool has_kind = false;
  for (const KeyValue& each : field.entries("[[alerts.webhook]]", names)) {
    const auto key = std::find(names.begin(), names.end(), each.name()) - names.begin();
    kWebhookKeys[static_cast<std::size_t>(key)].read(each, webhook);
    has_url |= each.name() == "url";
    has_kind |= each.name() == "kind";
  }
  if (!has_url) field.reject("has no url", "the receiver's address");
  const auto url = parse_webhook_url(webhook.url);
  if (!url) return std::nullopt;
  if (!has_kind && url->path.ends_with(kAlertsPath)) webhook.kind = WebhookKind::Alertmanager;
  bool sound = true;
  if (!has_kind && webhook.kind == WebhookKind::Json && looks_like_alertmanager(url->path)) {
    field.reject("does not say its kind, and its url is almost Alertmanager's",
                 "a url that ends in /api/v2/alerts, or kind = \"json\"");
    sound = false;
  }
  for (const Contradiction& each : kContradictions) {
    if (!each.found(webhook, *url)) continue;
    field.reject(each.wrong, each.expected);
    sound = false;
  }
  return sound ? std::optional(webhook) : std::nullopt;
}

}  // namespace

std::span<const WebhookKey> webhook_keys() {
  return kWebhookKeys;
}

bool read_webhooks(const KeyValue& field, std::vector<WebhookSettings>& webhooks) {
  std::vector<WebhookSettings> read;
  bool valid = true;
  for (const KeyValue& each : field.elements()) {
    const auto webhook = read_webhook(each);
    valid = valid && webhook;
    if (!webhook) continue;
    const bool twice = std::any_of(read.begin(), read.end(),
                                   [&](const WebhookSettings& other) { return other.url == webhook->url; });
    if (twice) each.reject("has the url of another", "each receiver once");
    valid = valid && !twice;
    read.push_back(*webhook);
  }
  if (read.size() > kMost) field.reject("has too many receivers", "at most 8");
  if (!valid || read.size() > kMost) return false;
  webhooks = read;
  return true;
}

std::string print_webhooks(const std::vector<WebhookSettings>& webhooks) {
  std::string list;
  for (const WebhookSettings& webhook : webhooks) {
    std::string table;
    for (const WebhookKey& key : kWebhookKeys) {
      const std::string value = key.print(webhook);
      if (!value.empty()) table += (table.empty() ? "" : ", ") + std::string(key.name) + " = " + value;
    }
    list += (list.empty() ? "" : ", ") + ("{ " + table + " }");
  }
  return "[" + list + "]";
}

}  // namespace sockwatch
