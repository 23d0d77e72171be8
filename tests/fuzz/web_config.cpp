// SPDX-License-Identifier: Apache-2.0
// The file of --web.config.file. What loads is complete: TLS has its certificate and key, users have hashes.
#include "lib/config/web_config.h"

#include "lib/base/text.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwatch;
  const ReadFile read = [](const std::string& path) { return Result<ConfigFile>(ConfigFile{path, "PEM"}); };
  const auto config = parse_web_config("web.yml", fuzz::text(data, size), read);
  if (!config.ok()) {
    fuzz::require(config.error().message.starts_with("web.yml:"));
    fuzz::require(is_utf8(config.error().message));
    return 0;
  }
  if (config->tls) {
    fuzz::require(!config->tls->certificate.text.empty() && !config->tls->key.text.empty());
    fuzz::require(config->tls->least <= config->tls->most);
    fuzz::require(!config->tls->verifies_clients() || !config->tls->client_authorities.text.empty());
  }
  for (const auto& [name, value] : config->headers)
    fuzz::require(value.find_first_of("\r\n") == std::string::npos);
  for (const auto& [name, hash] : config->users) fuzz::require(is_bcrypt_hash(hash));
  return 0;
}
