// SPDX-License-Identifier: Apache-2.0
// Certificate, key and rules of TLS, ready for connections. A door to GnuTLS. Immutable: when a certificate
// is renewed there is a new context, and connections that began with the old one keep it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/config/web_config.h"

namespace sockwatch {

struct ClientHello;

class TlsContext {
 public:
  // The error says which of the configured texts is wrong, and where it was configured.
  static Result<std::shared_ptr<const TlsContext>> make(const TlsSettings& settings);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;  // sessions refer to it
  TlsContext& operator=(const TlsContext&) = delete;

  // For a server's session (gnutls_session_t) whose handshake has not begun; this must outlive it.
  bool attach(void* session) const;

  // What the steps of a handshake ask; for GnuTLS' callbacks. An alert is one of RFC 8446 6.2.
  static constexpr int kNoAlert = -1;
  int alert_about(const ClientHello& hello) const;
  int alert_about_client_of(void* session) const;
  bool allows_suite_of(void* session) const;

 private:
  struct Handles;
  explicit TlsContext(const TlsSettings& settings);
  Result<void> load(const TlsSettings& settings);
  bool allows_suite(const char* key_exchange, const char* cipher) const;

  std::unique_ptr<Handles> handles_;
  ClientAuth client_auth_;
  bool verifies_clients_;
  std::vector<std::string> client_allowed_sans_;
  std::vector<std::string> cipher_suites_;
  TlsVersion least_ = TlsVersion::Tls12;
  bool speaks_tls13_ = false;
  std::vector<std::uint16_t> older_suites_;  // of TLS 1.2 and before, that the certificate's key fits
};

}  // namespace sockwatch
