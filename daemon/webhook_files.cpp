// SPDX-License-Identifier: Apache-2.0
#include "daemon/webhook_files.h"

#include <string>

#include "lib/alert/secret_file.h"
#include "lib/base/dir.h"
#include "lib/web/tls_context.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLargest = 1024 * 1024;

// Empty where it cannot be read or is not configured.
Pem read(const std::string& path) {
  if (path.empty()) return {};
  const std::size_t slash = path.rfind('/');
  const auto directory = Dir::open(slash == 0 ? "/" : path.substr(0, slash));
  if (!directory.ok()) return {};
  auto text = directory->read_file(path.substr(slash + 1).c_str(), kLargest);
  return text.ok() ? Pem{*std::move(text), path} : Pem{};
}

bool is_readable(const std::string& path) {
  return !path.empty() && !read(path).origin.empty();
}

}  // namespace

Result<void> check_webhook_files(const std::vector<WebhookSettings>& webhooks) {
  std::string mistakes;
  const auto complain = [&](const WebhookSettings& webhook, const std::string& what) {
    mistakes += (mistakes.empty() ? "" : "\n") + ("webhook " + webhook.url) + ": " + what;
  };
  for (const WebhookSettings& webhook : webhooks) {
    const Pem authorities = read(webhook.ca_file);
    if (!authorities.origin.empty() &&
        authorities.text.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
      complain(webhook, "ca_file " + webhook.ca_file + " holds no certificate");
    TlsSettings own;
    own.certificate = read(webhook.cert_file);
    own.key = read(webhook.key_file);
    if (!own.certificate.origin.empty() && !own.key.origin.empty()) {
      if (const auto made = TlsContext::make(own); !made.ok()) complain(webhook, made.error().message);
    }
    for (const std::string& path : {webhook.bearer_token_file, webhook.password_file}) {
      if (!is_readable(path)) continue;
      if (const auto secret = read_secret(path); !secret.ok()) complain(webhook, secret.error().message);
    }
  }
  return mistakes.empty() ? Result<void>{} : Error{mistakes};
}

}  // namespace sockwatch
