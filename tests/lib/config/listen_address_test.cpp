// SPDX-License-Identifier: Apache-2.0
#include "lib/config/listen_address.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(ListenAddress, reads_every_form) {
  const struct {
    std::string_view text, shown;
  } cases[] = {
      {"127.0.0.1:10762", "127.0.0.1:10762"},
      {"0.0.0.0:1", "0.0.0.0:1"},
      {"[::1]:10762", "[::1]:10762"},
      {"[::]:65535", "[::]:65535"},
      {":10762", "[::]:10762"},
      {"[fd00::1]:80", "[fd00::1]:80"},
      {"[::ffff:127.0.0.1]:80", "127.0.0.1:80"},
      {"[fe80::1%eth0]:80", "[fe80::1%eth0]:80"},
      {"localhost:10762", "localhost:10762"},
      {"web1.example.com:80", "web1.example.com:80"},
  };
  for (const auto& each : cases) {
    const auto address = parse_listen_address(each.text);
    ASSERT_TRUE(address) << each.text;
    EXPECT_EQ(to_string(*address), each.shown);
  }
}

TEST(ListenAddress, refuses_everything_else) {
  constexpr std::string_view kForms =
      ", expected \"127.0.0.1:10762\", \"[::1]:10762\", \"localhost:10762\" or \":10762\"";
  const struct {
    std::string_view text, wrong;
  } cases[] = {
      {"", "has no port"},
      {"127.0.0.1", "has no port"},
      {"10762", "has no port"},
      {"unix:/run/x.sock", "is a path"},
      {"/run/x.sock", "is a path"},
      {"256.0.0.1:80", "has no valid address"},
      {"::1:80", "has no valid address"},
      {"[127.0.0.1]:80", "has no valid address"},
      {"[::1:80", "has no valid address"},
      {"[]:80", "has no valid address"},
      {"[fe80::1%]:80", "has no valid address"},
      {"[fe80::1%a b]:80", "has no valid address"},
      {"127.0.0.1%lo:80", "has no valid address"},
      {"[localhost]:80", "has no valid address"},
      {"web1.example.com.:80", "has no valid address"},
      {"-web1:80", "has no valid address"},
      {"web_1..com:80", "has no valid address"},
      {"127.0.0:80", "has no valid address"},
      {" 127.0.0.1:80", "has no valid address"},
  };
  for (const auto& each : cases) {
    const auto address = parse_listen_address(each.text);
    ASSERT_FALSE(address) << each.text;
    EXPECT_EQ(address.error().message,
              "\"" + std::string(each.text) + "\" " + std::string(each.wrong) + std::string(kForms));
  }
}

TEST(ListenAddress, refuses_ports_that_are_none) {
  for (const std::string_view text :
       {":", ":0", ":65536", ":70000", ":-1", ":+1", ":8o", ": 80", "1.2.3.4:99999999999999"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().message,
              "\"" + std::string(text) + "\" has no valid port, expected one from 1 to 65535");
  }
}

}  // namespace
}  // namespace sockwatch
