// SPDX-License-Identifier: Apache-2.0
#include "lib/web/tls_context.h"

#include <gnutls/gnutls.h>
#include <gtest/gtest.h>

#include "tests/lib/web/certificates.h"

namespace sockwatch {
namespace {

TlsSettings settings_with(const MadeCertificate& made) {
  TlsSettings settings;
  settings.certificate = {made.certificate, "web.yml:2:3: cert_file c.pem"};
  settings.key = {made.key, "web.yml:3:3: key_file k.pem"};
  return settings;
}

std::string error_of(const TlsSettings& settings) {
  const auto context = TlsContext::make(settings);
  return context.ok() ? "" : context.error().message;
}

class TlsContextTest : public ::testing::Test {
 protected:
  const MadeCertificate made_ = make_certificate();
  TlsSettings settings_ = settings_with(made_);
};

TEST_F(TlsContextTest, a_session_takes_it_before_its_handshake) {
  const auto context = TlsContext::make(settings_);
  ASSERT_TRUE(context.ok()) << context.error().message;
  gnutls_session_t session = nullptr;
  must(gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK));
  EXPECT_TRUE((*context)->attach(session));
  gnutls_deinit(session);
}

TEST_F(TlsContextTest, a_bad_text_is_told_by_where_it_was_configured) {
  settings_.key.text = "junk";
  EXPECT_TRUE(error_of(settings_).starts_with("web.yml:3:3: key_file k.pem: no key in PEM"))
      << error_of(settings_);
  settings_.key.text = make_certificate().key;
  EXPECT_TRUE(error_of(settings_).starts_with("web.yml:2:3: cert_file c.pem: does not fit the key"))
      << error_of(settings_);
  settings_ = settings_with(made_);
  settings_.certificate.text = made_.key;
  EXPECT_TRUE(error_of(settings_).starts_with("web.yml:2:3: cert_file c.pem: no certificate in PEM"))
      << error_of(settings_);
  settings_ = settings_with(made_);
  settings_.client_authorities = {"junk", "web.yml:4:3: client_ca_file a.pem"};
  EXPECT_TRUE(error_of(settings_).starts_with("web.yml:4:3: client_ca_file a.pem: no certificate in PEM"))
      << error_of(settings_);
}

TEST_F(TlsContextTest, choices_become_priorities_that_gnutls_takes) {
  EXPECT_EQ(priority_string(settings_), "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE");
  settings_.least = TlsVersion::Tls10;
  settings_.most = TlsVersion::Tls12;
  settings_.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"};
  settings_.curves = {Curve::X25519, Curve::P256};
  settings_.prefer_server_cipher_suites = false;
  EXPECT_EQ(priority_string(settings_),
            "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0"
            ":-KX-ALL:-CIPHER-ALL:-MAC-ALL:+AEAD:+ECDHE-ECDSA:+CHACHA20-POLY1305:+RSA:+AES-128-CBC:+SHA1"
            ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1");
  EXPECT_EQ(error_of(settings_), "");
}

TEST_F(TlsContextTest, suites_of_tls13_alone_leave_nothing_to_older_versions) {
  settings_.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
  EXPECT_EQ(priority_string(settings_).find("VERS-TLS1.2"), std::string::npos) << priority_string(settings_);
  EXPECT_EQ(error_of(settings_), "");
}

}  // namespace
}  // namespace sockwatch
