// SPDX-License-Identifier: Apache-2.0
// Keys and certificates made when a test needs them: none lies about in the repository.
#pragma once

#include <gnutls/x509.h>

#include <array>
#include <ctime>
#include <stdexcept>
#include <string>

namespace sockwatch {

struct MadeCertificate {
  std::string certificate;  // PEM, signed by itself
  std::string key;
};

inline void must(int code) {
  if (code < 0) throw std::runtime_error(gnutls_strerror(code));
}

// `usage`: what the key may be used for, GNUTLS_KEY_…; 0 says nothing about that.
inline MadeCertificate make_certificate(unsigned usage = 0) {
  gnutls_x509_privkey_t key = nullptr;
  gnutls_x509_crt_t certificate = nullptr;
  must(gnutls_x509_privkey_init(&key));
  must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                    0));
  must(gnutls_x509_crt_init(&certificate));
  const std::string serial = "\x01";
  const std::time_t now = std::time(nullptr);
  must(gnutls_x509_crt_set_version(certificate, 3));
  must(gnutls_x509_crt_set_serial(certificate, serial.data(), serial.size()));
  must(gnutls_x509_crt_set_dn(certificate, "CN=localhost", nullptr));
  must(gnutls_x509_crt_set_activation_time(certificate, now - 60));
  must(gnutls_x509_crt_set_expiration_time(certificate, now + 3600));
  must(gnutls_x509_crt_set_key(certificate, key));
  if (usage != 0) must(gnutls_x509_crt_set_key_usage(certificate, usage));
  must(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0));

  std::array<char, 8192> text{};
  MadeCertificate made;
  std::size_t size = text.size();
  must(gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_PEM, text.data(), &size));
  made.certificate.assign(text.data(), size);
  size = text.size();
  must(gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, text.data(), &size));
  made.key.assign(text.data(), size);
  gnutls_x509_crt_deinit(certificate);
  gnutls_x509_privkey_deinit(key);
  return made;
}

}  // namespace sockwatch
