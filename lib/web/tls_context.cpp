// SPDX-License-Identifier: Apache-2.0
#include "lib/web/tls_context.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <array>

namespace sockwatch {
namespace {

struct FreeCredentials {
  void operator()(gnutls_certificate_credentials_st* held) const {
    ::gnutls_certificate_free_credentials(held);
  }
};
struct FreePriority {
  void operator()(gnutls_priority_st* held) const { ::gnutls_priority_deinit(held); }
};
struct FreeKey {
  void operator()(gnutls_x509_privkey_int* held) const { ::gnutls_x509_privkey_deinit(held); }
};
struct FreeCertificate {
  void operator()(gnutls_x509_crt_int* held) const { ::gnutls_x509_crt_deinit(held); }
};
using Certificate = std::unique_ptr<gnutls_x509_crt_int, FreeCertificate>;

gnutls_datum_t datum(const std::string& text) {
  // The library never writes to it; its interface is older than its const.
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

Error complaint(const Pem& about, const std::string& what, int code) {
  return {about.origin + ": " + what + ": " + ::gnutls_strerror(code), 0};
}

bool is_of_tls13(const std::string& suite) {
  return suite.find("_WITH_") == std::string::npos;
}

std::string with_dashes(std::string text) {
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

// GnuTLS chooses key exchange and cipher one by one, and calls them so: "ECDHE-RSA", "AES-128-GCM" of
// "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".
struct Suite {
  std::string key_exchange;
  std::string cipher;
};

Suite parts_of(const std::string& suite) {
  constexpr std::size_t kPrefix = 4;
  const std::size_t with = suite.find("_WITH_");
  const std::size_t cipher = with + 6;
  return {with_dashes(suite.substr(kPrefix, with - kPrefix)),
          with_dashes(suite.substr(cipher, suite.rfind("_SHA") - cipher))};
}

void add_suite(const std::string& suite, std::string& priorities) {
  const Suite parts = parts_of(suite);
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

gnutls_session_t session_of(void* session) {
  return static_cast<gnutls_session_t>(session);
}

int on_peer_certificate(gnutls_session_t session) {
  const auto* context = static_cast<const TlsContext*>(::gnutls_session_get_ptr(session));
  return context->trusts_client_of(session) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

// Not earlier: the cipher is not known to GnuTLS' getters before.
int on_finished(gnutls_session_t session, unsigned /*type*/, unsigned /*when*/, unsigned /*incoming*/,
                const gnutls_datum_t* /*message*/) {
  const auto* context = static_cast<const TlsContext*>(::gnutls_session_get_ptr(session));
  return context->allows_suite_of(session) ? 0 : GNUTLS_E_NO_CIPHER_SUITES;
}

Certificate peer_certificate(gnutls_session_t session) {
  unsigned count = 0;
  const gnutls_datum_t* chain = ::gnutls_certificate_get_peers(session, &count);
  gnutls_x509_crt_t made = nullptr;
  if (chain == nullptr || count == 0 || ::gnutls_x509_crt_init(&made) < 0) return nullptr;
  Certificate certificate(made);
  return ::gnutls_x509_crt_import(made, chain, GNUTLS_X509_FMT_DER) < 0 ? nullptr : std::move(certificate);
}

// An address is four or sixteen bytes; every other name is text.
std::string san_text(const std::string& value, unsigned type) {
  if (type != GNUTLS_SAN_IPADDRESS) return value;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = value.size() == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && value.size() != 16) return "";
  return ::inet_ntop(family, value.data(), text.data(), text.size()) != nullptr ? text.data() : "";
}

bool has_name(gnutls_x509_crt_int* certificate, const std::vector<std::string>& allowed) {
  constexpr unsigned kMostNames = 100;
  for (unsigned index = 0; index < kMostNames; ++index) {
    std::string value(1024, '\0');
    std::size_t size = value.size();
    const int type = ::gnutls_x509_crt_get_subject_alt_name(certificate, index, value.data(), &size, nullptr);
    if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return false;
    if (type < 0) continue;  // longer than any name that was written into a configuration
    value.resize(size);
    const std::string name = san_text(value, static_cast<unsigned>(type));
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return true;
  }
  return false;
}

}  // namespace

struct TlsContext::Handles {
  std::unique_ptr<gnutls_certificate_credentials_st, FreeCredentials> credentials;
  std::unique_ptr<gnutls_priority_st, FreePriority> priority;
};

std::string priority_string(const TlsSettings& settings) {
  std::string text = "NORMAL" + versions(settings) + suites(settings) + groups(settings);
  if (settings.prefer_server_cipher_suites) text += ":%SERVER_PRECEDENCE";
  return text;
}

TlsContext::TlsContext(const TlsSettings& settings)
    : handles_(std::make_unique<Handles>()),
      client_auth_(settings.client_auth),
      verifies_clients_(settings.verifies_clients()),
      client_allowed_sans_(settings.client_allowed_sans),
      cipher_suites_(settings.cipher_suites) {}

TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsSettings& settings) {
  std::shared_ptr<TlsContext> context(new TlsContext(settings));
  if (auto loaded = context->load(settings); !loaded.ok()) return loaded.error();
  return std::shared_ptr<const TlsContext>(std::move(context));
}

Result<void> TlsContext::load(const TlsSettings& settings) {
  gnutls_certificate_credentials_t credentials = nullptr;
  if (::gnutls_certificate_allocate_credentials(&credentials) < 0) return Error{"TLS: out of memory", 0};
  handles_->credentials.reset(credentials);

  gnutls_x509_privkey_t made = nullptr;
  if (::gnutls_x509_privkey_init(&made) < 0) return Error{"TLS: out of memory", 0};
  const std::unique_ptr<gnutls_x509_privkey_int, FreeKey> key(made);
  const gnutls_datum_t key_text = datum(settings.key.text);
  if (const int code = ::gnutls_x509_privkey_import2(made, &key_text, GNUTLS_X509_FMT_PEM, nullptr, 0);
      code < 0)
    return complaint(settings.key, "no key in PEM without a password", code);

  gnutls_x509_crt_t* chain = nullptr;
  unsigned count = 0;
  const gnutls_datum_t chain_text = datum(settings.certificate.text);
  int code = ::gnutls_x509_crt_list_import2(&chain, &count, &chain_text, GNUTLS_X509_FMT_PEM, 0);
  if (code < 0) return complaint(settings.certificate, "no certificate in PEM", code);
  code = ::gnutls_certificate_set_x509_key(credentials, chain, static_cast<int>(count), made);
  for (unsigned i = 0; i < count; ++i) ::gnutls_x509_crt_deinit(chain[i]);
  ::gnutls_free(chain);
  if (code < 0) return complaint(settings.certificate, "does not fit the key", code);

  if (!settings.client_authorities.text.empty()) {
    const gnutls_datum_t authorities = datum(settings.client_authorities.text);
    code = ::gnutls_certificate_set_x509_trust_mem(credentials, &authorities, GNUTLS_X509_FMT_PEM);
    if (code == 0) code = GNUTLS_E_NO_CERTIFICATE_FOUND;
    if (code < 0) return complaint(settings.client_authorities, "no certificate in PEM", code);
  }

  gnutls_priority_t priority = nullptr;
  code = ::gnutls_priority_init(&priority, priority_string(settings).c_str(), nullptr);
  if (code < 0)
    return complaint(settings.certificate, "this system's policy refuses these TLS settings", code);
  handles_->priority.reset(priority);
  return {};
}

bool TlsContext::attach(void* session) const {
  const gnutls_session_t attached = session_of(session);
  ::gnutls_session_set_ptr(attached, const_cast<TlsContext*>(this));
  if (::gnutls_priority_set(attached, handles_->priority.get()) < 0) return false;
  if (::gnutls_credentials_set(attached, GNUTLS_CRD_CERTIFICATE, handles_->credentials.get()) < 0)
    return false;
  if (!cipher_suites_.empty()) {
    ::gnutls_handshake_set_hook_function(attached, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, &on_finished);
  }
  if (client_auth_ == ClientAuth::None) return true;
  const bool must = client_auth_ == ClientAuth::RequireAny || client_auth_ == ClientAuth::RequireAndVerify;
  ::gnutls_certificate_server_set_request(attached, must ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
  ::gnutls_session_set_verify_function(attached, &on_peer_certificate);
  return true;
}

bool TlsContext::allows_suite_of(void* session) const {
  const gnutls_session_t held = session_of(session);
  if (::gnutls_protocol_get_version(held) == GNUTLS_TLS1_3) return true;
  const std::string_view key_exchange = ::gnutls_kx_get_name(::gnutls_kx_get(held));
  const std::string_view cipher = ::gnutls_cipher_get_name(::gnutls_cipher_get(held));
  return std::any_of(cipher_suites_.begin(), cipher_suites_.end(), [&](const std::string& suite) {
    if (is_of_tls13(suite)) return false;
    const Suite parts = parts_of(suite);
    return parts.key_exchange == key_exchange && parts.cipher == cipher;
  });
}

bool TlsContext::trusts_client_of(void* session) const {
  const gnutls_session_t held = session_of(session);
  const Certificate certificate = peer_certificate(held);
  if (!certificate) {
    return client_auth_ == ClientAuth::Request || client_auth_ == ClientAuth::VerifyIfGiven;
  }
  if (verifies_clients_) {
    std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st asked{GNUTLS_DT_KEY_PURPOSE_OID, reinterpret_cast<unsigned char*>(purpose.data()),
                                0};
    unsigned status = 0;
    if (::gnutls_certificate_verify_peers(held, &asked, 1, &status) < 0 || status != 0) return false;
  }
  return client_allowed_sans_.empty() || has_name(certificate.get(), client_allowed_sans_);
}

}  // namespace sockwatch
