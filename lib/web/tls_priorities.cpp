// SPDX-License-Identifier: Apache-2.0
#include "lib/web/tls_priorities.h"

#include <algorithm>
#include <array>

namespace sockwatch {
namespace {

bool is_of_tls13(const std::string& suite) {
  return suite.find("_WITH_") == std::string::npos;
}

std::string with_dashes(std::string text) {
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

SuiteParts parts_of(const std::string& suite) {
  constexpr std::size_t kPrefix = 4;
  const std::size_t with = suite.find("_WITH_");
  const std::size_t cipher = with + 6;
  return {with_dashes(suite.substr(kPrefix, with - kPrefix)),
          with_dashes(suite.substr(cipher, suite.rfind("_SHA") - cipher))};
}

void add_suite(const std::string& suite, std::string& priorities) {
  const SuiteParts parts = parts_of(suite);
  priorities += ":+" + parts.key_exchange + ":+" + parts.cipher;
  if (suite.ends_with("_CBC_SHA")) priorities += ":+SHA1";
}

std::string versions(const TlsSettings& settings) {
  constexpr std::array<const char*, 4> kNames = {"TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"};
  // A list of suites none of which is of an older version leaves nothing to speak it with.
  const bool only_newest =
      !settings.cipher_suites.empty() &&
      std::all_of(settings.cipher_suites.begin(), settings.cipher_suites.end(), is_of_tls13);
  const TlsVersion least = only_newest ? TlsVersion::Tls13 : settings.least;
  std::string text = ":-VERS-ALL";
  for (auto version = static_cast<std::size_t>(settings.most) + 1;
       version > static_cast<std::size_t>(least);) {
    text += std::string(":+VERS-") + kNames[--version];
  }
  return text;
}

std::string suites(const TlsSettings& settings) {
  if (settings.cipher_suites.empty()) return "";
  std::string text = ":-KX-ALL:-CIPHER-ALL:-MAC-ALL:+AEAD";
  for (const std::string& suite : settings.cipher_suites) {
    if (!is_of_tls13(suite)) add_suite(suite, text);
  }
  // Those of TLS 1.3 are always on, as in the toolkit, and behind the chosen ones: for older versions nothing
  // but those passes allows_suite_of().
  if (settings.most == TlsVersion::Tls13)
    text += ":+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+ECDHE-ECDSA:+ECDHE-RSA";
  return text;
}

std::string groups(const TlsSettings& settings) {
  constexpr std::array<const char*, 4> kNames = {"SECP256R1", "SECP384R1", "SECP521R1", "X25519"};
  std::string text = settings.curves.empty() ? "" : ":-GROUP-ALL";
  for (const Curve curve : settings.curves)
    text += std::string(":+GROUP-") + kNames[static_cast<std::size_t>(curve)];
  return text;
}

}  // namespace

std::string priority_string(const TlsSettings& settings) {
  std::string text = "NORMAL" + versions(settings) + suites(settings) + groups(settings);
  if (settings.prefer_server_cipher_suites) text += ":%SERVER_PRECEDENCE";
  return text;
}

std::optional<SuiteParts> parts_of_suite(const std::string& suite) {
  if (is_of_tls13(suite)) return std::nullopt;
  return parts_of(suite);
}

}  // namespace sockwatch
