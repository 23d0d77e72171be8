// SPDX-License-Identifier: Apache-2.0
#include "lib/web/passwords.h"

#include <crypt.h>
#include <gnutls/crypto.h>

#include <array>
#include <memory>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

std::optional<std::string> decode_base64(std::string_view text) {
  gnutls_datum_t decoded{};
  // The library never writes to its input; its interface is older than its const.
  auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  const gnutls_datum_t encoded{bytes, static_cast<unsigned>(text.size())};
  if (text.empty() || ::gnutls_base64_decode2(&encoded, &decoded) < 0) return std::nullopt;
  std::string result(reinterpret_cast<const char*>(decoded.data), decoded.size);
  ::gnutls_free(decoded.data);
  return result;
}

constexpr std::size_t kCost = 4;  // where it stands: "$2y$10$"

// The salt is 128 bits in 22 characters of six, the hash 184 bits in 31: what is left of their last ones
// means nothing. Several libraries write it as it comes; crypt(3) clears it.
std::string canonical(std::string hash) {
  constexpr std::string_view kBase64 = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kSize = 60;
  const auto clear = [&](std::size_t at, std::size_t spare) {
    const std::size_t value = kBase64.find(hash[at]);
    if (value != std::string_view::npos) hash[at] = kBase64[value & ~spare];
  };
  if (hash.size() != kSize) return hash;
  clear(28, 0xF);
  clear(kSize - 1, 0x3);
  return hash;
}

std::string computed(const std::string& password, const std::string& setting) {
  const auto work = std::make_unique<crypt_data>();  // 32 KiB, and zeroed as it must be
  const char* made = ::crypt_r(password.c_str(), setting.c_str(), work.get());
  return made != nullptr ? made : "";
}

// Takes as long for a match as for none.
bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  int difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

}  // namespace

std::optional<Credentials> parse_basic(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() < kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((authorization[i] | 0x20) != kScheme[i]) return std::nullopt;
  }
  const auto decoded = decode_base64(trim(authorization.substr(kScheme.size())));
  if (!decoded) return std::nullopt;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

unsigned cost_of(std::string_view hash) {
  return hash.size() > kCost + 2 ? parse_integer<unsigned>(hash.substr(kCost, 2)).value_or(0) : 0;
}

bool password_fits(std::string_view password, const std::string& hash, unsigned dearest) {
  // crypt(3) would stop reading at a NUL and let "secret\0anything" in.
  if (password.find('\0') != std::string_view::npos) return false;
  const std::string text(password);
  const std::string wanted = canonical(hash);
  if (same(computed(text, wanted), wanted)) return true;
  // 2^cost steps were taken; these take the rest of 2^dearest.
  std::string other = wanted;
  for (unsigned cost = cost_of(hash); cost > 0 && cost < dearest; ++cost) {
    other.replace(kCost, 2, {static_cast<char>('0' + cost / 10), static_cast<char>('0' + cost % 10)});
    (void)computed(text, other);
  }
  return false;
}

std::string fingerprint(std::string_view password, std::string_view hash) {
  const std::string both = std::string(hash) + "\n" + std::string(password);
  std::array<char, 32> digest{};
  // Fails only where the algorithm is not there; then nothing is ever recognised.
  if (::gnutls_hash_fast(GNUTLS_DIG_SHA256, both.data(), both.size(), digest.data()) < 0) return "";
  return {digest.begin(), digest.end()};
}

}  // namespace sockwatch
