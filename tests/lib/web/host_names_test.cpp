// SPDX-License-Identifier: Apache-2.0
#include "lib/web/host_names.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(HostNames, what_names_this_machine_is_admitted_and_nothing_else) {
  const HostNames names("Web1.example.com", {"metrics.example.org", "*.lan"});
  for (const char* host :
       {"", "127.0.0.1", "127.0.0.1:10762", "192.0.2.7:1", "[::1]", "[::1]:10762", "[fe80::1%25eth0]:1",
        "localhost", "LOCALHOST:10762", "localhost.", "a.localhost", "web1", "WEB1.example.com:1",
        "web1.example.com.", "web1.local", "metrics.example.org", "a.lan", "b.a.lan:1"}) {
    EXPECT_TRUE(names.admit(parse_authority(host))) << host;
  }
  for (const char* host :
       {"evil.example", "evil.example:10762", "127.0.0.1.evil.example", "localhost.evil.example",
        "evillocalhost", "web1.evil.example", "web2", "example.com", "xmetrics.example.org",
        "a.metrics.example.org", "lan", ".lan", "127.1", "2130706433", "0x7f000001"}) {
    EXPECT_FALSE(names.admit(parse_authority(host))) << host;
  }
}

TEST(HostNames, what_is_no_host_is_not_valid) {
  for (const char* text : {"a b", "a/b", "user@localhost", "localhost:", "localhost:1"})
    EXPECT_EQ(parse_authority(text).valid, std::string_view(text).starts_with("localhost")) << text;
  for (const char* text : {"localhost:x", "localhost:70000", "::1", "[::1", "[::1]x", "[::1]:x",
                           "[127.0.0.1]", "[x]", "127.0.0.1, evil", "a\tb", "\x80", "a:1:2"}) {
    EXPECT_FALSE(parse_authority(text).valid) << text;
  }
  EXPECT_FALSE(parse_authority(std::string(300, 'a')).valid);
}

TEST(HostNames, a_machine_without_a_name_has_none) {
  const HostNames names("", {});
  EXPECT_FALSE(names.is_configured());
  EXPECT_TRUE(names.admit(parse_authority("localhost")));
  EXPECT_FALSE(names.admit(parse_authority("local")));
}

}  // namespace
}  // namespace sockwatch
