// SPDX-License-Identifier: Apache-2.0
#include "lib/config/web_config.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace sockwatch {
namespace {

constexpr const char* kHash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

Result<ConfigFile> read(const std::string& path) {
  if (path.ends_with("missing")) return Error{path + ": cannot be read: No such file or directory", ENOENT};
  if (path.ends_with("empty")) return ConfigFile{path, ""};
  return ConfigFile{path, "PEM of " + path};
}

Result<WebConfig> parse(std::string_view text) {
  return parse_web_config("/etc/web.yml", text, read);
}

std::string error_of(std::string_view text) {
  const auto config = parse(text);
  return config.ok() ? "" : config.error().message;
}

constexpr const char* kTls = "tls_server_config:\n  cert_file: cert.pem\n  key_file: /keys/key.pem\n";

TEST(WebConfig, an_empty_file_changes_nothing) {
  for (const char* text :
       {"", "# nothing\n", "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n",
        "http_server_config:\n  headers:\n", "tls_server_config:\n  min_version: TLS13\n"}) {
    const auto config = parse(text);
    ASSERT_TRUE(config.ok()) << text << config.error().message;
    EXPECT_FALSE(config->tls) << text;
    EXPECT_TRUE(config->users.empty() && config->headers.empty()) << text;
  }
}

TEST(WebConfig, files_are_relative_to_its_own_directory) {
  const auto config = parse(kTls);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->tls->certificate.text, "PEM of /etc/cert.pem");
  EXPECT_EQ(config->tls->certificate.origin, "/etc/web.yml:2:3: cert_file /etc/cert.pem");
  EXPECT_EQ(config->tls->key.text, "PEM of /keys/key.pem");
  EXPECT_EQ(config->files, (std::vector<std::string>{"/etc/web.yml", "/etc/cert.pem", "/keys/key.pem"}));
  EXPECT_EQ(config->tls->least, TlsVersion::Tls12);
  EXPECT_EQ(config->tls->client_auth, ClientAuth::None);
}

TEST(WebConfig, every_key_is_read) {
  const auto config = parse(std::string(kTls) +
                            "  client_ca_file: ca.pem\n"
                            "  client_auth_type: RequireAndVerifyClientCert\n"
                            "  client_allowed_sans: [prometheus.example, 10.0.0.9]\n"
                            "  min_version: TLS11\n"
                            "  max_version: TLS12\n"
                            "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n"
                            "  curve_preferences:\n  - CurveP256\n  - X25519\n"
                            "  prefer_server_cipher_suites: false\n"
                            "http_server_config:\n"
                            "  http2: false\n"
                            "  headers:\n"
                            "    X-Frame-Options: sameorigin\n"
                            "    X-XSS-Protection: 0\n"
                            "    Content-Security-Policy:\n"
                            "basic_auth_users:\n"
                            "  alice: " +
                            kHash + "\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  const TlsSettings& tls = *config->tls;
  EXPECT_EQ(tls.client_authorities.text, "PEM of /etc/ca.pem");
  EXPECT_EQ(tls.client_auth, ClientAuth::RequireAndVerify);
  EXPECT_EQ(tls.client_allowed_sans, (std::vector<std::string>{"prometheus.example", "10.0.0.9"}));
  EXPECT_EQ(tls.least, TlsVersion::Tls11);
  EXPECT_EQ(tls.most, TlsVersion::Tls12);
  EXPECT_EQ(tls.cipher_suites, std::vector<std::string>{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
  EXPECT_EQ(tls.curves, (std::vector<Curve>{Curve::P256, Curve::X25519}));
  EXPECT_FALSE(tls.prefer_server_cipher_suites);
  EXPECT_EQ(config->headers, (std::vector<std::pair<std::string, std::string>>{
                                 {"X-Frame-Options", "sameorigin"}, {"X-XSS-Protection", "0"}}))
      << "a blank one is left as it is";
  EXPECT_EQ(config->users.find("alice")->second, kHash);
}

TEST(WebConfig, pem_may_stand_in_the_file_itself) {
  const auto config = parse("tls_server_config:\n  cert: |\n    BEGIN\n    END\n  key: K\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->tls->certificate.text, "BEGIN\nEND\n");
  EXPECT_EQ(config->tls->certificate.origin, "/etc/web.yml:2:3: cert");
}

TEST(WebConfig, an_old_name_means_what_it_meant) {
  const auto config = parse(std::string(kTls) + "  client_auth_type: RequireClientCert\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->tls->client_auth, ClientAuth::RequireAny);
}

TEST(WebConfig, mistakes_are_told_with_their_place) {
  const std::string tls = kTls;
  const std::vector<std::pair<std::string, std::string>> table = {
      {"tls_server_confg:\n",
       "1:1: unknown key \"tls_server_confg\" in the web configuration, did you mean "
       "\"tls_server_config\"?"},
      {"tls_server_config: 5\n",
       "1:20: tls_server_config is no mapping, expected \"key: value\" lines, with a blank"},
      {tls + "  cert_fil: x\n",
       "4:3: unknown key \"cert_fil\" in tls_server_config, did you mean \"cert_file\"?"},
      {"tls_server_config:\n  cert_file: c\n", "1:1: tls_server_config has no key, expected key_file or key"},
      {"tls_server_config:\n  key_file: k\n",
       "1:1: tls_server_config has no certificate, expected cert_file or cert"},
      {"tls_server_config:\n  cert_file: missing\n  key_file: k\n",
       "2:3: cert_file: /etc/missing: cannot be read: No such file or directory"},
      {"tls_server_config:\n  cert_file: empty\n  key_file: k\n",
       "2:3: cert_file /etc/empty is empty, expected PEM"},
      {tls + "  cert: x\n", "4:3: cert is there in two forms, expected either"},
      {tls + "  client_auth_type: Require\n",
       "4:21: client_auth_type = \"Require\" is unknown, expected \"NoClientCert\", \"RequestClientCert\", "
       "\"RequireAnyClientCert\", \"VerifyClientCertIfGiven\", \"RequireAndVerifyClientCert\" or "
       "\"RequireClientCert\""},
      {tls + "  client_ca_file: ca\n",
       "1:1: client_ca_file without client_auth_type, expected \"RequireAndVerifyClientCert\""},
      {tls + "  client_auth_type: RequireAndVerifyClientCert\n",
       "1:1: client_auth_type verifies certificates, expected client_ca_file"},
      {tls + "  min_version: TLS14\n",
       "4:16: min_version = \"TLS14\" is unknown, expected \"TLS10\", \"TLS11\", \"TLS12\" or \"TLS13\""},
      {tls + "  min_version: TLS13\n  max_version: TLS12\n",
       "1:1: min_version = \"TLS13\" is above max_version = \"TLS12\""},
      {tls + "  cipher_suites: TLS_AES_128_GCM_SHA256\n",
       "4:18: cipher_suites = \"TLS_AES_128_GCM_SHA256\" is a string, expected a list"},
      {tls + "  cipher_suites: [TLS_AES_128_GCM_SHA25]\n",
       "4:19: cipher_suites = \"TLS_AES_128_GCM_SHA25\" is unknown, did you mean "
       "\"TLS_AES_128_GCM_SHA256\"?"},
      {tls + "  curve_preferences: [P256]\n",
       "4:23: curve_preferences = \"P256\" is unknown, expected \"CurveP256\", \"CurveP384\", \"CurveP521\" "
       "or "
       "\"X25519\""},
      {tls + "  prefer_server_cipher_suites: maybe\n",
       "4:32: prefer_server_cipher_suites = \"maybe\" is a string, expected true or false"},
      {"http_server_config:\n  http2: \"true\"\n",
       "2:10: http2 = \"true\" is a string, expected true or false"},
      {"http_server_config:\n  headers:\n    Server: mine\n",
       "3:5: unknown key \"Server\" in headers, expected Content-Security-Policy, Strict-Transport-Security, "
       "X-Content-Type-Options, X-Frame-Options or X-XSS-Protection"},
      {"http_server_config:\n  headers:\n    X-Frame-Options: allow\n",
       "3:22: X-Frame-Options = \"allow\" is unknown, expected \"deny\" or \"sameorigin\""},
      {"http_server_config:\n  headers:\n    X-XSS-Protection: |\n      1\n      2\n",
       "3:23: X-XSS-Protection = \"1\\x0a2\" has several lines, expected one"},
      {"basic_auth_users:\n  alice: secret\n",
       "2:10: this user has no bcrypt hash of cost 4 to 18, expected the output of htpasswd -nBC 10 NAME, "
       "with "
       "a blank behind its colon"},
      {"rate_limit:\n  burst: 1\n", "1:1: rate_limit is not supported by this version, expected no such key"},
  };
  for (const auto& [text, error] : table) EXPECT_EQ(error_of(text), "/etc/web.yml:" + error) << text;
}

TEST(WebConfig, a_key_without_a_value_is_not_set) {
  const std::string tls = kTls;
  for (const std::string& text :
       {tls + "  min_version:\n  max_version: ~\n  cipher_suites:\n  curve_preferences: null\n  "
              "client_auth_type:\n"
              "  client_allowed_sans:\n  prefer_server_cipher_suites:\n  cert:\n  client_ca_file:\n",
        tls + "http_server_config:\n  http2:\n  headers:\n",
        tls + "http_server_config:\nbasic_auth_users:\nrate_limit:\n",
        tls + "http_server_config:\n  headers:\n    X-Frame-Options:\n"}) {
    const auto config = parse(text);
    ASSERT_TRUE(config.ok()) << text << config.error().message;
    EXPECT_EQ(config->tls->least, TlsVersion::Tls12);
    EXPECT_TRUE(config->headers.empty());
    EXPECT_TRUE(config->users.empty());
  }
  EXPECT_NE(error_of("basic_auth_users:\n  alice:\n"), "") << "a user without a hash is a mistake";
}

TEST(WebConfig, no_mistake_shows_a_secret) {
  for (const std::string& text : std::vector<std::string>{
           "basic_auth_users:\n  a:hunter2\n", "basic_auth_users: a:hunter2\n",
           "basic_auth_users:\n- a: hunter2\n", "basic_auth_users:\n  a: [hunter2]\n",
           "basic_auth_users:\n  a:hunter2:\n", "basic_auth_users: {a:hunter2}\n",
           "basic_auth_users:\n  hunter2: a\n", "a:hunter2\n", "a:hunter2: x\n",
           "basic_auth_users:\n  a: *hunter2\n", "basic_auth_users:\n  a: !hunter2 b\n",
           "basic_auth_users:\n  a: &hunter2\n  a: x\n", "basic_auth_users:\n  hunter2: a\n  hunter2: b\n",
           "basic_auth_users: |\n  a: hunter2\n", "basic_auth_users:\n  a: hunter2: b\n",
           "http_server_config:\n  a:hunter2\n",
           "tls_server_config:\n  key_file: |\n    -----BEGIN PRIVATE KEY-----\n    hunter2\n",
           "tls_server_config:\n  key_file: -----BEGIN PRIVATE KEY-----hunter2\n"}) {
    const std::string error = error_of(text);
    EXPECT_NE(error, "") << text;
    EXPECT_EQ(error.find("hunter2"), std::string::npos) << error;
  }
}

TEST(WebConfig, all_mistakes_are_told_and_no_secret_is) {
  const std::string error =
      error_of("basic_auth_users:\n  a:b: " + std::string(kHash) + "\n  c: hunter2\nx: 1\n");
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 2) << error;
  EXPECT_EQ(error.find("hunter2"), std::string::npos) << error;
}

TEST(WebConfig, bcrypt_is_told_from_what_only_looks_like_it) {
  const std::string good = kHash;
  for (const char variant : {'a', 'b', 'y'}) {
    std::string hash = good;
    hash[2] = variant;
    EXPECT_TRUE(is_bcrypt_hash(hash)) << hash;
  }
  const auto with = [&](std::size_t at, const char* text) { return std::string(good).replace(at, 2, text); };
  for (const std::string& hash :
       {std::string(), std::string("secret"), good + "x", good.substr(1), with(4, "03"), with(4, "19"),
        with(4, "99"), with(4, "1x"), with(1, "1y"), with(1, "2x"), with(20, "*:"), with(58, "G\n")}) {
    EXPECT_FALSE(is_bcrypt_hash(hash)) << hash;
  }
}

TEST(WebConfig, a_file_that_cannot_be_read_is_an_error) {
  EXPECT_EQ(load_web_config("/nonexistent/web.yml").error().code, ENOENT);
}

}  // namespace
}  // namespace sockwatch
