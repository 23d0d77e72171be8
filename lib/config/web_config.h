// SPDX-License-Identifier: Apache-2.0
// The file of --web.config.file: the form that Prometheus' exporters share (exporter-toolkit,
// docs/web-configuration.md), so that one file serves them all. Who may ask for our pages, and how they are
// protected on their way.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/words.h"
#include "lib/config/config_files.h"

namespace sockwatch {

// In the order of strictness but for the last, an old name of RequireAnyClientCert. "Any" is not looked at.
enum class ClientAuth : std::uint8_t { None, Request, RequireAny, VerifyIfGiven, RequireAndVerify, Require };
template <>
struct Words<ClientAuth> {
  static constexpr std::array<std::string_view, 6> values = {"NoClientCert",
                                                             "RequestClientCert",
                                                             "RequireAnyClientCert",
                                                             "VerifyClientCertIfGiven",
                                                             "RequireAndVerifyClientCert",
                                                             "RequireClientCert"};
};

enum class TlsVersion : std::uint8_t { Tls10, Tls11, Tls12, Tls13 };
template <>
struct Words<TlsVersion> {
  static constexpr std::array<std::string_view, 4> values = {"TLS10", "TLS11", "TLS12", "TLS13"};
};

enum class Curve : std::uint8_t { P256, P384, P521, X25519 };
template <>
struct Words<Curve> {
  static constexpr std::array<std::string_view, 4> values = {"CurveP256", "CurveP384", "CurveP521", "X25519"};
};

// Certificates or a key in PEM, and where they come from: "web.yml:3:14: cert_file /etc/tls/cert.pem".
struct Pem {
  std::string text;  // empty: not configured
  std::string origin;
};

struct TlsSettings {
  Pem certificate;
  Pem key;
  Pem client_authorities;
  ClientAuth client_auth = ClientAuth::None;
  std::vector<std::string> client_allowed_sans;
  TlsVersion least = TlsVersion::Tls12;
  TlsVersion most = TlsVersion::Tls13;
  std::vector<std::string> cipher_suites;  // of TLS 1.2 and before, as IANA names them; empty: the library's
  std::vector<Curve> curves;               // empty: the library's
  bool prefer_server_cipher_suites = true;

  bool verifies_clients() const {
    return client_auth == ClientAuth::VerifyIfGiven || client_auth == ClientAuth::RequireAndVerify;
  }
};

struct WebConfig {
  std::optional<TlsSettings> tls;
  std::vector<std::pair<std::string, std::string>> headers;
  std::map<std::string, std::string, std::less<>> users;  // name -> bcrypt hash; empty: everybody may ask
  std::vector<std::string> files;                         // all that it was read from, itself first
};

// The file and those it names, relative to its own directory. All or nothing: the error lists every mistake,
// one a line, as "file:line:column: what, and what was expected".
Result<WebConfig> load_web_config(const std::string& path);

// The same for a text. `read` reads what it names.
using ReadFile = std::function<Result<ConfigFile>(const std::string& path)>;
Result<WebConfig> parse_web_config(const std::string& file, std::string_view text, const ReadFile& read);

// Whether crypt(3) can check a password against it: bcrypt, at a cost that ends.
bool is_bcrypt_hash(std::string_view text);

}  // namespace sockwatch
