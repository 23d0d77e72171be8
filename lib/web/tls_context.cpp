// SPDX-License-Identifier: Apache-2.0
#include "lib/web/tls_context.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <array>

#include "lib/web/client_hello.h"
#include "lib/web/tls_priorities.h"

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

gnutls_session_t session_of(void* session) {
  return static_cast<gnutls_session_t>(session);
}

// libmicrohttpd ends a connection whose handshake fails without a word, so the word is said before it fails.
int fail(gnutls_session_t session, gnutls_alert_description_t why, int code) {
  (void)::gnutls_alert_send(session, GNUTLS_AL_FATAL, why);  // fails only where nobody listens any more
  return code;
}

int on_peer_certificate(gnutls_session_t session) {
  const auto* context = static_cast<const TlsContext*>(::gnutls_session_get_ptr(session));
  const int alert = context->alert_about_client_of(session);
  return alert == TlsContext::kNoAlert
             ? 0
             : fail(session, static_cast<gnutls_alert_description_t>(alert), GNUTLS_E_CERTIFICATE_ERROR);
}

// The suite is looked at when all is agreed on: the cipher is not known to GnuTLS' getters before.
int on_message(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
               const gnutls_datum_t* message) {
  const auto* context = static_cast<const TlsContext*>(::gnutls_session_get_ptr(session));
  if (type == GNUTLS_HANDSHAKE_FINISHED && when == GNUTLS_HOOK_POST && !context->allows_suite_of(session))
    return fail(session, GNUTLS_A_HANDSHAKE_FAILURE, GNUTLS_E_NO_CIPHER_SUITES);
  if (type != GNUTLS_HANDSHAKE_CLIENT_HELLO || when != GNUTLS_HOOK_PRE || incoming == 0 || message == nullptr)
    return 0;
  const auto hello = read_client_hello({message->data, message->size});
  const int alert = hello ? context->alert_about(*hello) : TlsContext::kNoAlert;
  return alert == TlsContext::kNoAlert
             ? 0
             : fail(session, static_cast<gnutls_alert_description_t>(alert), GNUTLS_E_NO_CIPHER_SUITES);
}

// What a key may do by its certificate (RFC 5280 4.2.1.3).
struct KeyUse {
  int algorithm = GNUTLS_PK_UNKNOWN;
  bool may_sign = true;
  bool may_decrypt = true;

  bool fits(gnutls_kx_algorithm_t exchange) const {
    const bool rsa = algorithm == GNUTLS_PK_RSA || algorithm == GNUTLS_PK_RSA_PSS;
    switch (exchange) {
      case GNUTLS_KX_RSA:
        return algorithm == GNUTLS_PK_RSA && may_decrypt;
      case GNUTLS_KX_ECDHE_RSA:
      case GNUTLS_KX_DHE_RSA:
        return rsa && may_sign;
      case GNUTLS_KX_ECDHE_ECDSA:
        return !rsa && may_sign;
      default:
        return false;
    }
  }
};

KeyUse use_of(gnutls_x509_crt_int* certificate) {
  KeyUse use{.algorithm = ::gnutls_x509_crt_get_pk_algorithm(certificate, nullptr)};
  unsigned usage = 0;
  unsigned critical = 0;
  if (::gnutls_x509_crt_get_key_usage(certificate, &usage, &critical) < 0) return use;  // then for everything
  use.may_sign = (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0;
  use.may_decrypt = (usage & GNUTLS_KEY_KEY_ENCIPHERMENT) != 0;
  return use;
}

// The numbers of the suites that GnuTLS would take, those of TLS 1.3 left out.
template <typename Allowed>
std::vector<std::uint16_t> older_suites(gnutls_priority_st* priority, const Allowed& allowed) {
  std::vector<std::uint16_t> found;
  for (unsigned index = 0;; ++index) {
    unsigned suite = 0;
    const int code = ::gnutls_priority_get_cipher_suite_index(priority, index, &suite);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return found;
    if (code < 0) continue;
    std::array<unsigned char, 2> id{};
    gnutls_kx_algorithm_t exchange{};
    gnutls_cipher_algorithm_t cipher{};
    gnutls_protocol_t least{};
    if (::gnutls_cipher_suite_info(suite, id.data(), &exchange, &cipher, nullptr, &least) == nullptr ||
        least == GNUTLS_TLS1_3 || !allowed(exchange, cipher))
      continue;
    found.push_back(static_cast<std::uint16_t>(id[0] << 8 | id[1]));
  }
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
  const KeyUse use = count > 0 ? use_of(chain[0]) : KeyUse();
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
  const auto allowed = [&](gnutls_kx_algorithm_t exchange, gnutls_cipher_algorithm_t cipher) {
    return use.fits(exchange) &&
           allows_suite(::gnutls_kx_get_name(exchange), ::gnutls_cipher_get_name(cipher));
  };
  least_ = settings.least;
  speaks_tls13_ = settings.most == TlsVersion::Tls13 && use.may_sign;
  if (settings.least != TlsVersion::Tls13) older_suites_ = older_suites(priority, allowed);
  if (!speaks_tls13_ && older_suites_.empty()) {
    return Error{
        settings.certificate.origin +
            ": its key and what it may be used for (key usage) fit none of the cipher suites that the "
            "settings allow, so no client could connect",
        0};
  }
  return {};
}

bool TlsContext::attach(void* session) const {
  const gnutls_session_t attached = session_of(session);
  ::gnutls_session_set_ptr(attached, const_cast<TlsContext*>(this));
  if (::gnutls_priority_set(attached, handles_->priority.get()) < 0) return false;
  if (::gnutls_credentials_set(attached, GNUTLS_CRD_CERTIFICATE, handles_->credentials.get()) < 0)
    return false;
  ::gnutls_handshake_set_hook_function(attached, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, &on_message);
  if (client_auth_ == ClientAuth::None) return true;
  // Not GNUTLS_CERT_REQUIRE, which would end the handshake without asking us.
  ::gnutls_certificate_server_set_request(attached, GNUTLS_CERT_REQUEST);
  ::gnutls_session_set_verify_function(attached, &on_peer_certificate);
  return true;
}

int TlsContext::alert_about(const ClientHello& hello) const {
  constexpr std::uint16_t kTls10 = 0x0301;
  constexpr std::uint16_t kTls12 = 0x0303;
  constexpr std::uint16_t kTls13 = 0x0304;
  const auto offered = [&](auto fits) { return std::any_of(hello.suites.begin(), hello.suites.end(), fits); };
  const bool newest = speaks_tls13_ && hello.offers(kTls13);
  if (newest && offered([](std::uint16_t suite) { return suite >> 8 == 0x13; })) return kNoAlert;
  bool older = false;
  for (auto version = static_cast<std::uint16_t>(kTls10 + static_cast<unsigned>(least_)); version <= kTls12;
       ++version)
    older = older || hello.offers(version);
  older = older && !older_suites_.empty();
  if (!newest && !older) return GNUTLS_A_PROTOCOL_VERSION;
  const auto known = [this](std::uint16_t suite) {
    return std::find(older_suites_.begin(), older_suites_.end(), suite) != older_suites_.end();
  };
  return older && offered(known) ? kNoAlert : GNUTLS_A_HANDSHAKE_FAILURE;
}

bool TlsContext::allows_suite_of(void* session) const {
  const gnutls_session_t held = session_of(session);
  return ::gnutls_protocol_get_version(held) == GNUTLS_TLS1_3 ||
         allows_suite(::gnutls_kx_get_name(::gnutls_kx_get(held)),
                      ::gnutls_cipher_get_name(::gnutls_cipher_get(held)));
}

bool TlsContext::allows_suite(const char* key_exchange, const char* cipher) const {
  if (cipher_suites_.empty()) return true;
  if (key_exchange == nullptr || cipher == nullptr) return false;
  return std::any_of(cipher_suites_.begin(), cipher_suites_.end(), [&](const std::string& suite) {
    const auto parts = parts_of_suite(suite);
    return parts && parts->key_exchange == key_exchange && parts->cipher == cipher;
  });
}

int TlsContext::alert_about_client_of(void* session) const {
  const gnutls_session_t held = session_of(session);
  const Certificate certificate = peer_certificate(held);
  if (!certificate) {
    if (client_auth_ == ClientAuth::Request || client_auth_ == ClientAuth::VerifyIfGiven) return kNoAlert;
    const bool newest = ::gnutls_protocol_get_version(held) == GNUTLS_TLS1_3;
    return newest ? GNUTLS_A_CERTIFICATE_REQUIRED : GNUTLS_A_HANDSHAKE_FAILURE;
  }
  if (verifies_clients_) {
    std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st asked{GNUTLS_DT_KEY_PURPOSE_OID, reinterpret_cast<unsigned char*>(purpose.data()),
                                0};
    unsigned status = 0;
    if (::gnutls_certificate_verify_peers(held, &asked, 1, &status) < 0) return GNUTLS_A_BAD_CERTIFICATE;
    if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0) return GNUTLS_A_UNKNOWN_CA;
    if ((status & GNUTLS_CERT_EXPIRED) != 0) return GNUTLS_A_CERTIFICATE_EXPIRED;
    if (status != 0) return GNUTLS_A_BAD_CERTIFICATE;
  }
  const bool named = client_allowed_sans_.empty() || has_name(certificate.get(), client_allowed_sans_);
  return named ? kNoAlert : GNUTLS_A_BAD_CERTIFICATE;
}

}  // namespace sockwatch
