// SPDX-License-Identifier: Apache-2.0
#include "lib/config/web_config.h"

#include <algorithm>
#include <span>

#include "lib/base/text.h"
#include "lib/config/field.h"
#include "lib/config/yaml_document.h"

namespace sockwatch {
namespace {

// Those that Go offers for TLS 1.2 and before; those of 1.3 are accepted and, as there, not a choice.
constexpr std::array<std::string_view, 17> kCipherSuites = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
};

constexpr std::array<std::string_view, 5> kHeaders = {"Content-Security-Policy", "Strict-Transport-Security",
                                                      "X-Content-Type-Options", "X-Frame-Options",
                                                      "X-XSS-Protection"};

constexpr std::array<std::string_view, 13> kTlsKeys = {"cert_file",
                                                       "key_file",
                                                       "client_ca_file",
                                                       "cert",
                                                       "key",
                                                       "client_ca",
                                                       "client_auth_type",
                                                       "client_allowed_sans",
                                                       "min_version",
                                                       "max_version",
                                                       "cipher_suites",
                                                       "curve_preferences",
                                                       "prefer_server_cipher_suites"};

constexpr std::string_view kBase64 = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
// Cost 18 takes a quarter of a minute. Costs double: the highest would take a day.
constexpr int kHighestCost = 18;

// Reads one file's tree and gathers what is wrong with it.
class Reader {
 public:
  Reader(const std::string& file, const ReadFile& read) : file_(file), read_(read) {
    config_.files.push_back(file);
  }

  Result<WebConfig> take(const Table& root) {
    constexpr std::array<std::string_view, 4> kSections = {"tls_server_config", "http_server_config",
                                                           "basic_auth_users", "rate_limit"};
    for (const Entry& entry : known(root, "the web configuration", kSections)) {
      if (entry.key == "tls_server_config") {
        take_tls(entry);
      } else if (entry.key == "http_server_config") {
        take_http(entry);
      } else if (entry.key == "basic_auth_users") {
        for (const Entry& user : section(entry)) take_user(user);
      } else {
        refuse(entry.at, "rate_limit is not supported by this version, expected no such key");
      }
    }
    if (!problems_.empty()) return problems_.error();
    return std::move(config_);
  }

 private:
  void refuse(Position at, std::string_view what) { problems_.add(file_, at, what); }

  // What stands in its place is never shown: "name:hash" without a blank is one text, and a secret.
  const Table& section(const Entry& entry) {
    static const Table kNone;
    const Table* table = entry.node.as<Table>();
    if (table == nullptr)
      refuse(entry.node.at, entry.key + " is no mapping, expected \"key: value\" lines, with a blank");
    return table != nullptr ? *table : kNone;
  }

  // Those that have a value: a key without one is as if it were not there, as where all lines of a section
  // are commented out.
  Table known(const Table& table, std::string_view place, std::span<const std::string_view> keys) {
    Table left;
    for (const Entry& entry : table) {
      const std::string* text = entry.node.as<std::string>();
      const bool is_known = std::find(keys.begin(), keys.end(), entry.key) != keys.end();
      if (!is_known && entry.key.find(':') != std::string::npos) {
        refuse(entry.at, "unknown key in " + std::string(place) + ", " + suggestion("", keys));
      } else if (!is_known) {
        reject_unknown_key(file_, entry, place, keys, problems_);
      } else if (text == nullptr || !text->empty()) {
        left.push_back(entry);
      }
    }
    return left;
  }

  void take_tls(const Entry& entry) {
    TlsSettings tls;
    // As in the toolkit: settings that name no certificate and ask for none of the client's leave TLS off.
    bool asked_for = false;
    for (const Entry& key : known(section(entry), entry.key, kTlsKeys))
      asked_for = take_tls_key(key, tls) || asked_for;
    if (asked_for) check(entry.at, tls);
    if (asked_for) config_.tls = std::move(tls);
  }

  // Whether it is one of those that turn TLS on.
  bool take_tls_key(const Entry& entry, TlsSettings& tls) {
    static constexpr std::array<std::pair<std::string_view, Pem TlsSettings::*>, 3> kPems = {
        {{"cert", &TlsSettings::certificate},
         {"key", &TlsSettings::key},
         {"client_ca", &TlsSettings::client_authorities}}};
    for (const auto& [name, member] : kPems) {
      if (entry.key == name) return take_inline(entry, tls.*member);
      if (entry.key == std::string(name) + "_file") return take_file(entry, tls.*member);
    }
    return entry.key == "client_auth_type" ? take_client_auth(entry, tls) : take_tls_choice(entry, tls);
  }

  bool take_inline(const Entry& entry, Pem& pem) {
    const auto text = KeyValue(file_, entry, problems_).text("PEM");
    if (!text) return false;
    fill(entry, pem, {*text, place(entry.at) + entry.key});
    return true;
  }

  bool take_file(const Entry& entry, Pem& pem) {
    const auto name = KeyValue(file_, entry, problems_).text("a path");
    if (!name) return false;
    // It may be a key, which nobody else shall see.
    if (name->find("-----") != std::string::npos || name->find('\n') != std::string::npos) {
      refuse(entry.at, entry.key + " holds PEM, expected the path of a file with it");
      return true;
    }
    const std::string path = name->front() == '/' ? *name : directory_of(file_) + "/" + *name;
    config_.files.push_back(path);
    auto read = read_(path);
    if (!read.ok()) {
      refuse(entry.at, entry.key + ": " + read.error().message);
    } else if (read->text.empty()) {
      refuse(entry.at, entry.key + " " + path + " is empty, expected PEM");
    } else {
      fill(entry, pem, {std::move(read->text), place(entry.at) + entry.key + " " + printable(path)});
    }
    return true;
  }

  // The toolkit would silently take the file. Nobody means both.
  void fill(const Entry& entry, Pem& pem, Pem found) {
    if (!pem.origin.empty()) refuse(entry.at, entry.key + " is there in two forms, expected either");
    pem = std::move(found);
  }

  bool take_client_auth(const Entry& entry, TlsSettings& tls) {
    const KeyValue value(file_, entry, problems_);
    if (const auto word = value.word<ClientAuth>()) tls.client_auth = *word;
    if (tls.client_auth == ClientAuth::Require) tls.client_auth = ClientAuth::RequireAny;
    return true;
  }

  bool take_tls_choice(const Entry& entry, TlsSettings& tls) {
    const KeyValue value(file_, entry, problems_);
    if (entry.key == "min_version") {
      if (const auto version = value.word<TlsVersion>()) tls.least = *version;
    } else if (entry.key == "max_version") {
      if (const auto version = value.word<TlsVersion>()) tls.most = *version;
    } else if (entry.key == "cipher_suites") {
      for (const KeyValue& element : elements(entry)) take_suite(element, tls);
    } else if (entry.key == "curve_preferences") {
      for (const KeyValue& element : elements(entry)) {
        if (const auto curve = element.word<Curve>()) tls.curves.push_back(*curve);
      }
    } else if (entry.key == "client_allowed_sans") {
      for (const KeyValue& element : elements(entry)) {
        if (const auto name = element.text("a name")) tls.client_allowed_sans.push_back(*name);
      }
    } else {
      tls.prefer_server_cipher_suites = value.boolean().value_or(true);
    }
    return false;
  }

  std::vector<KeyValue> elements(const Entry& entry) {
    const KeyValue value(file_, entry, problems_);
    const Array* list = entry.node.as<Array>();
    if (list != nullptr && list->empty()) return {};
    if (list == nullptr) value.wrong_type("a list");
    return list != nullptr ? value.one_or_more() : std::vector<KeyValue>();
  }

  static void take_suite(const KeyValue& element, TlsSettings& tls) {
    const auto name = element.text("a cipher suite");
    if (!name) return;
    const bool known = std::find(kCipherSuites.begin(), kCipherSuites.end(), *name) != kCipherSuites.end();
    if (known) tls.cipher_suites.push_back(*name);
    if (!known) element.reject(Error{"\"" + *name + "\" is unknown, " + suggestion(*name, kCipherSuites), 0});
  }

  void check(Position at, const TlsSettings& tls) {
    if (tls.certificate.origin.empty() && problems_.empty())
      refuse(at, "tls_server_config has no certificate, expected cert_file or cert");
    if (tls.key.origin.empty() && problems_.empty())
      refuse(at, "tls_server_config has no key, expected key_file or key");
    if (tls.least > tls.most)
      refuse(at, "min_version = \"" + std::string(word(tls.least)) + "\" is above max_version = \"" +
                     std::string(word(tls.most)) + "\"");
    const bool authorities = !tls.client_authorities.origin.empty();
    if (authorities && tls.client_auth == ClientAuth::None)
      refuse(at, "client_ca_file without client_auth_type, expected \"RequireAndVerifyClientCert\"");
    // The toolkit then trusts every public authority of the machine: anybody can have a certificate of one.
    if (!authorities && tls.verifies_clients() && problems_.empty())
      refuse(at, "client_auth_type verifies certificates, expected client_ca_file");
  }

  void take_http(const Entry& entry) {
    constexpr std::array<std::string_view, 2> kKnown = {"http2", "headers"};
    for (const Entry& key : known(section(entry), entry.key, kKnown)) {
      if (key.key == "http2") {
        // A permission, not a demand: this server speaks HTTP/1.1 either way.
        (void)KeyValue(file_, key, problems_).boolean();
      } else {
        for (const Entry& header : known(section(key), "headers", kHeaders)) take_header(header);
      }
    }
  }

  void take_header(const Entry& entry) {
    const KeyValue field(file_, entry, problems_);
    const auto value = field.text("the value of a header");
    if (!value) return;
    if (value->find_first_of("\r\n") != std::string::npos) return field.reject("has several lines", "one");
    if (entry.key == "X-Content-Type-Options" && *value != "nosniff")
      return field.reject("is unknown", "\"nosniff\"");
    if (entry.key == "X-Frame-Options" && *value != "deny" && *value != "sameorigin")
      return field.reject("is unknown", "\"deny\" or \"sameorigin\"");
    // Blank means: leave it as it is.
    if (!trim(*value).empty()) config_.headers.emplace_back(entry.key, *value);
  }

  // Neither name nor value is shown: either may be a password that somebody put into the wrong place.
  void take_user(const Entry& entry) {
    const std::string* hash = entry.node.as<std::string>();
    if (entry.key.find(':') != std::string::npos)
      return refuse(entry.at, "a user's name has a colon, which ends it in HTTP");
    if (hash == nullptr || !is_bcrypt_hash(*hash))
      return refuse(entry.node.at,
                    "this user has no bcrypt hash of cost 4 to 18, expected the output of "
                    "htpasswd -nBC 10 NAME, with a blank behind its colon");
    config_.users[entry.key] = *hash;
  }

  std::string place(Position at) const {
    return printable(file_) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
  }

  const std::string& file_;
  const ReadFile& read_;
  WebConfig config_;
  Problems problems_;
};

}  // namespace

bool is_bcrypt_hash(std::string_view text) {
  constexpr std::size_t kSize = 60;  // "$2y$10$", 22 characters of salt, 31 of hash
  if (text.size() != kSize || !text.starts_with("$2") || text[3] != '$' || text[6] != '$') return false;
  if (std::string_view("aby").find(text[2]) == std::string_view::npos) return false;
  const auto cost = parse_integer<unsigned>(text.substr(4, 2));
  return cost && *cost >= 4 && *cost <= kHighestCost &&
         text.find_first_not_of(kBase64, 7) == std::string_view::npos;
}

Result<WebConfig> parse_web_config(const std::string& file, std::string_view text, const ReadFile& read) {
  const auto tree = parse_yaml(file, text);
  if (!tree.ok()) return tree.error();
  return Reader(file, read).take(*tree);
}

Result<WebConfig> load_web_config(const std::string& path) {
  const auto file = read_config_file(path);
  if (!file.ok()) return file.error();
  return parse_web_config(path, file->text, read_config_file);
}

}  // namespace sockwatch
