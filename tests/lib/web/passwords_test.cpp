// SPDX-License-Identifier: Apache-2.0
#include "lib/web/passwords.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(Passwords, name_and_password_are_read_from_the_header) {
  const std::vector<std::pair<std::string, Credentials>> table = {
      {"Basic YWxpY2U6c2VjcmV0", {"alice", "secret"}},
      {"basic YWxpY2U6c2VjcmV0", {"alice", "secret"}},
      {"BASIC   YWxpY2U6c2VjcmV0  ", {"alice", "secret"}},
      {"Basic YWxpY2U6YTpi", {"alice", "a:b"}},
      {"Basic Og==", {"", ""}},
      {"Basic YWxpY2U6", {"alice", ""}},
      {"Basic w6k6w7w=", {"é", "ü"}},
  };
  for (const auto& [header, credentials] : table) EXPECT_EQ(parse_basic(header), credentials) << header;
  for (const char* header : {"", "Basic", "Basic ", "Basic YWxpY2U=", "Bearer YWxpY2U6c2VjcmV0", "Basic !!!!",
                             "Basic YWxpY2U6c2VjcmV0!", "BasicYWxpY2U6c2VjcmV0", "YWxpY2U6c2VjcmV0"}) {
    EXPECT_EQ(parse_basic(header), std::nullopt) << header;
  }
}

TEST(Passwords, every_variant_of_bcrypt_is_checked) {
  for (const char* hash : {"$2b$04$fQaMtssXYa7FHMfbSHPzkOitDqEqjDS3W2OSlYD5YtjmaQiX5/Shy",
                           "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
                           "$2a$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"}) {
    EXPECT_TRUE(password_fits("secret", hash)) << hash;
    for (const std::string& wrong : {std::string("Secret"), std::string(), std::string("secret "),
                                     std::string("secret\0", 7), std::string(5000, 'x')}) {
      EXPECT_FALSE(password_fits(wrong, hash)) << hash << wrong;
    }
  }
}

// 22 characters of six bits hold a salt of 128 bits, 31 a hash of 184.
TEST(Passwords, bits_that_mean_nothing_do_not_count) {
  const std::string canonical = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
  for (const char last_of_salt : std::string("uvwxyz0123456789").substr(0, 16)) {
    std::string hash = canonical;
    hash[28] = last_of_salt;
    EXPECT_TRUE(password_fits("secret", hash)) << hash;
    EXPECT_FALSE(password_fits("Secret", hash)) << hash;
  }
  std::string other_hash = canonical;
  other_hash[59] = 'Y';
  EXPECT_TRUE(password_fits("secret", other_hash));
  std::string other_salt = canonical;
  other_salt[28] = 'e';
  EXPECT_FALSE(password_fits("secret", other_salt));
}

TEST(Passwords, a_cost_is_read_from_the_hash) {
  EXPECT_EQ(cost_of("$2y$12$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"), 12U);
  for (const char* none : {"", "$2y$", "$2y$12", "$2y$xx$"}) EXPECT_EQ(cost_of(none), 0U) << none;
}

TEST(Passwords, no_password_fits_what_is_no_hash) {
  for (const char* hash : {"", "*0", "*1", "x", "$2b$04$", "$2b$04$fQaMtssXYa7FHMfbSHPzkO"})
    EXPECT_FALSE(password_fits("secret", hash)) << hash;
}

TEST(Passwords, a_fingerprint_is_of_both_password_and_hash) {
  const std::string one = fingerprint("secret", "hash");
  EXPECT_EQ(one.size(), 32U);
  EXPECT_EQ(fingerprint("secret", "hash"), one);
  EXPECT_NE(fingerprint("secret", "other"), one);
  EXPECT_NE(fingerprint("Secret", "hash"), one);
}

}  // namespace
}  // namespace sockwatch
