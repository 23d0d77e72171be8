// SPDX-License-Identifier: Apache-2.0
#include "lib/web/tls_priorities.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(TlsPriorities, choices_become_priorities) {
  TlsSettings settings;
  EXPECT_EQ(priority_string(settings), "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE");
  settings.least = TlsVersion::Tls10;
  settings.most = TlsVersion::Tls12;
  settings.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"};
  settings.curves = {Curve::X25519, Curve::P256};
  settings.prefer_server_cipher_suites = false;
  EXPECT_EQ(priority_string(settings),
            "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0"
            ":-KX-ALL:-CIPHER-ALL:-MAC-ALL:+AEAD:+ECDHE-ECDSA:+CHACHA20-POLY1305:+RSA:+AES-128-CBC:+SHA1"
            ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1");
}

TEST(TlsPriorities, suites_of_tls13_alone_leave_nothing_to_older_versions) {
  TlsSettings settings;
  settings.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
  EXPECT_EQ(priority_string(settings).find("VERS-TLS1.2"), std::string::npos) << priority_string(settings);
}

TEST(TlsPriorities, a_suite_has_two_parts_but_in_tls13) {
  const auto parts = parts_of_suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->key_exchange, "ECDHE-RSA");
  EXPECT_EQ(parts->cipher, "AES-128-GCM");
  EXPECT_FALSE(parts_of_suite("TLS_AES_128_GCM_SHA256"));
}

}  // namespace
}  // namespace sockwatch
