// SPDX-License-Identifier: Apache-2.0
#include "lib/web/tls_context.h"

#include <gnutls/gnutls.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "lib/base/unique_fd.h"

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

TEST_F(TlsContextTest, a_key_that_fits_no_suite_is_told) {
  const auto told = [&] { return error_of(settings_).find("key usage"); };
  settings_.cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"};
  EXPECT_EQ(told(), std::string::npos) << "TLS 1.3 is there";
  settings_.most = TlsVersion::Tls12;
  EXPECT_NE(told(), std::string::npos) << "this key is of ECDSA";
  settings_.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"};
  EXPECT_EQ(told(), std::string::npos);
  settings_ = settings_with(make_certificate(GNUTLS_KEY_KEY_ENCIPHERMENT));
  EXPECT_NE(told(), std::string::npos) << "it may not sign, which every suite of its kind needs";
  settings_ = settings_with(make_certificate(GNUTLS_KEY_DIGITAL_SIGNATURE));
  EXPECT_EQ(told(), std::string::npos);
}

// A handshake over a pair of sockets: the alert that the client gets, or -1.
int alert_of(const TlsSettings& settings, const char* client_priorities) {
  const auto context = TlsContext::make(settings);
  must(context.ok() ? 0 : GNUTLS_E_INTERNAL_ERROR);
  std::array<int, 2> pair{};
  must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()));
  const UniqueFd ends[] = {UniqueFd(pair[0]), UniqueFd(pair[1])};
  gnutls_session_t server = nullptr;
  gnutls_session_t client = nullptr;
  gnutls_certificate_credentials_t nobody = nullptr;
  must(gnutls_init(&server, GNUTLS_SERVER | GNUTLS_NONBLOCK));
  must(gnutls_init(&client, GNUTLS_CLIENT | GNUTLS_NONBLOCK));
  must(gnutls_certificate_allocate_credentials(&nobody));
  must(gnutls_priority_set_direct(client, client_priorities, nullptr));
  must(gnutls_credentials_set(client, GNUTLS_CRD_CERTIFICATE, nobody));
  gnutls_transport_set_int(server, ends[0].get());
  gnutls_transport_set_int(client, ends[1].get());
  must((*context)->attach(server) ? 0 : GNUTLS_E_INTERNAL_ERROR);
  int served = GNUTLS_E_AGAIN;
  int got = GNUTLS_E_AGAIN;
  for (int i = 0; i < 100 && (served == GNUTLS_E_AGAIN || got == GNUTLS_E_AGAIN); ++i) {
    if (got == GNUTLS_E_AGAIN) got = gnutls_handshake(client);
    if (served == GNUTLS_E_AGAIN) served = gnutls_handshake(server);
  }
  std::array<char, 16> text{};
  // In TLS 1.3 a client is done before the server has seen its certificate.
  if (got == GNUTLS_E_SUCCESS) got = static_cast<int>(gnutls_record_recv(client, text.data(), text.size()));
  const int alert = got == GNUTLS_E_FATAL_ALERT_RECEIVED ? static_cast<int>(gnutls_alert_get(client)) : -1;
  gnutls_deinit(client);
  gnutls_deinit(server);
  gnutls_certificate_free_credentials(nobody);
  return alert;
}

TEST_F(TlsContextTest, who_cannot_be_served_is_told_by_an_alert) {
  constexpr const char* kOld = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM";
  constexpr const char* kNewest = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
  EXPECT_EQ(alert_of(settings_, kOld), -1);
  EXPECT_EQ(alert_of(settings_, kNewest), -1);
  settings_.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"};
  EXPECT_EQ(alert_of(settings_, kOld), GNUTLS_A_HANDSHAKE_FAILURE);
  EXPECT_EQ(alert_of(settings_, kNewest), -1) << "its suites are always on";
  settings_.most = TlsVersion::Tls12;
  EXPECT_EQ(alert_of(settings_, kNewest), GNUTLS_A_PROTOCOL_VERSION);
  settings_ = settings_with(made_);
  settings_.least = TlsVersion::Tls13;
  EXPECT_EQ(alert_of(settings_, kOld), GNUTLS_A_PROTOCOL_VERSION);
}

TEST_F(TlsContextTest, who_shows_no_certificate_is_told_by_an_alert) {
  settings_.client_authorities = {made_.certificate, "web.yml:4:3: client_ca_file a.pem"};
  for (const ClientAuth demand : {ClientAuth::RequireAny, ClientAuth::RequireAndVerify}) {
    settings_.client_auth = demand;
    EXPECT_EQ(alert_of(settings_, "NORMAL:-VERS-ALL:+VERS-TLS1.2"), GNUTLS_A_HANDSHAKE_FAILURE);
    EXPECT_EQ(alert_of(settings_, "NORMAL:-VERS-ALL:+VERS-TLS1.3"), GNUTLS_A_CERTIFICATE_REQUIRED);
  }
  for (const ClientAuth offer : {ClientAuth::Request, ClientAuth::VerifyIfGiven}) {
    settings_.client_auth = offer;
    EXPECT_EQ(alert_of(settings_, "NORMAL:-VERS-ALL:+VERS-TLS1.2"), -1);
    EXPECT_EQ(alert_of(settings_, "NORMAL"), -1);
  }
}

}  // namespace
}  // namespace sockwatch
