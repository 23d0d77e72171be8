// SPDX-License-Identifier: Apache-2.0
// The settings of TLS in the words of GnuTLS, which chooses key exchange and cipher one by one where the
// settings name suites.
#pragma once

#include <optional>
#include <string>

#include "lib/config/web_config.h"

namespace sockwatch {

// gnutls_priority_init(3)
std::string priority_string(const TlsSettings& settings);

// "ECDHE-RSA" and "AES-128-GCM" of "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"; nothing for a suite of TLS 1.3,
// which has no key exchange.
struct SuiteParts {
  std::string key_exchange;
  std::string cipher;
};
std::optional<SuiteParts> parts_of_suite(const std::string& suite);

}  // namespace sockwatch
