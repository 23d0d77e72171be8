// SPDX-License-Identifier: Apache-2.0
#include "lib/web/web_access.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/fakes/file_tree.h"
#include "tests/lib/web/certificates.h"

namespace sockwatch {
namespace {

using namespace std::chrono_literals;

// Of "secret" and "other".
constexpr const char* kSecret = "$2b$04$fQaMtssXYa7FHMfbSHPzkOitDqEqjDS3W2OSlYD5YtjmaQiX5/Shy";
constexpr const char* kOther = "$2b$04$fQaMtssXYa7FHMfbSHPzkObAxS5xyzqDDoU.PGVgK6XQ2AUunDTcq";

std::string users(const std::string& lines) {
  return "basic_auth_users:\n" + lines;
}

class WebAccessTest : public ::testing::Test {
 protected:
  std::unique_ptr<WebAccess> open() {
    auto access = WebAccess::open(folder_.at("web.yml"), [this](const Result<void>& reread) {
      told_.push_back(reread.ok() ? "read" : reread.error().message);
    });
    return access.ok() ? *std::move(access) : nullptr;
  }
  void look(WebAccess& access) { access.refresh(now_ += 1s); }

  FileTree folder_;
  MonotonicTime now_{1h};
  std::vector<std::string> told_;
};

TEST_F(WebAccessTest, a_password_that_was_checked_is_recognised_until_it_changes) {
  folder_.write("web.yml", users("  alice: " + std::string(kSecret) + "\n"));
  const auto access = open();
  ASSERT_TRUE(access);
  EXPECT_TRUE(access->asks_for_passwords());
  EXPECT_FALSE(access->recognises({"alice", "secret"}));
  EXPECT_TRUE(access->admit({"alice", "secret"}, kSecret));
  EXPECT_TRUE(access->recognises({"alice", "secret"}));
  EXPECT_FALSE(access->recognises({"alice", "Secret"}));

  folder_.write("web.yml", users("  alice:  " + std::string(kOther) + "\n"));
  look(*access);
  EXPECT_FALSE(access->recognises({"alice", "secret"}));
  EXPECT_FALSE(access->admit({"alice", "secret"}, kSecret)) << "was asked for before the change";
  EXPECT_EQ(told_, std::vector<std::string>{"read"});
}

TEST_F(WebAccessTest, an_unknown_user_is_never_let_in_and_costs_the_same) {
  folder_.write("web.yml", users("  alice: " + std::string(kSecret) + "\n"));
  const auto access = open();
  ASSERT_TRUE(access);
  EXPECT_EQ(access->hash_to_try("bob"), kSecret);
  EXPECT_EQ(access->dearest_cost(), 4U);
  const std::string dearer = "$2b$06" + std::string(kSecret).substr(6);
  folder_.write("web.yml", users("  alice: " + std::string(kSecret) + "\n  zoe: " + dearer + "\n"));
  look(*access);
  EXPECT_EQ(access->hash_to_try("bob"), dearer) << "as dear as the dearest";
  EXPECT_EQ(access->dearest_cost(), 6U);
  EXPECT_FALSE(access->admit({"bob", "secret"}, kSecret));
  EXPECT_FALSE(access->recognises({"bob", "secret"}));
}

TEST_F(WebAccessTest, a_file_with_a_mistake_changes_nothing_and_is_told_once) {
  folder_.write("web.yml", users("  alice: " + std::string(kSecret) + "\n"));
  const auto access = open();
  ASSERT_TRUE(access);
  folder_.write("web.yml", "usres:\n");
  for (int i = 0; i < 3; ++i) look(*access);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].find("web.yml:1:1: unknown key"), std::string::npos) << told_[0];
  EXPECT_TRUE(access->asks_for_passwords());
  folder_.write("web.yml", "");
  look(*access);
  EXPECT_EQ(told_.back(), "read");
  EXPECT_FALSE(access->asks_for_passwords());
}

TEST_F(WebAccessTest, files_are_looked_at_once_a_second_at_most) {
  folder_.write("web.yml", "");
  const auto access = open();
  ASSERT_TRUE(access);
  access->refresh(now_);
  folder_.write("web.yml", users("  alice: " + std::string(kSecret) + "\n"));
  access->refresh(now_ + 999ms);
  EXPECT_FALSE(access->asks_for_passwords());
  access->refresh(now_ + 1s);
  EXPECT_TRUE(access->asks_for_passwords());
}

TEST_F(WebAccessTest, a_renewed_certificate_makes_a_new_context_and_leaves_the_old_one_alone) {
  const auto install = [this](const MadeCertificate& made) {
    folder_.write("cert.pem", made.certificate);
    folder_.write("key.pem", made.key);
  };
  folder_.write("web.yml", "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n");
  install(make_certificate());
  const auto access = open();
  ASSERT_TRUE(access);
  const auto before = access->tls();
  ASSERT_TRUE(before);
  look(*access);
  EXPECT_EQ(access->tls(), before);
  folder_.remove("cert.pem");
  look(*access);
  EXPECT_EQ(access->tls(), before) << "half way through a renewal";
  install(make_certificate());
  look(*access);
  EXPECT_NE(access->tls(), before);
}

TEST_F(WebAccessTest, tls_neither_comes_nor_goes_without_a_restart) {
  folder_.write("web.yml", "");
  const auto access = open();
  ASSERT_TRUE(access);
  const MadeCertificate made = make_certificate();
  folder_.write("cert.pem", made.certificate);
  folder_.write("key.pem", made.key);
  folder_.write("web.yml", "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n");
  look(*access);
  EXPECT_FALSE(access->tls());
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].find("with a restart only"), std::string::npos) << told_[0];
}

TEST_F(WebAccessTest, configured_headers_join_ours) {
  folder_.write("web.yml", "http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=5\n");
  const auto access = open();
  ASSERT_TRUE(access);
  EXPECT_EQ(access->headers().back().value, "max-age=5");
}

TEST_F(WebAccessTest, what_cannot_be_put_in_force_is_an_error_at_the_start) {
  folder_.write("web.yml", "tls_server_config:\n  cert_file: cert.pem\n  key_file: cert.pem\n");
  folder_.write("cert.pem", "junk");
  const auto checked = check_web_config(folder_.at("web.yml"));
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("web.yml:3:3: key_file "), std::string::npos)
      << checked.error().message;
  EXPECT_FALSE(open());
}

}  // namespace
}  // namespace sockwatch
