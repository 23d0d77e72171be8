// SPDX-License-Identifier: Apache-2.0
#include "lib/web/listen.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/fakes/sockets.h"
#include "tests/lib/web/http_client.h"

namespace sockwatch {
namespace {

TEST(ListenTcp, takes_connections) {
  const auto fd = listen_tcp({ip("127.0.0.1"), 0, 0});
  ASSERT_TRUE(fd.ok()) << fd.error().message;
  EXPECT_TRUE(connect_loopback(port_of(*fd)).valid());
}

TEST(ListenTcp, an_address_in_use_is_named) {
  const auto first = listen_tcp({ip("127.0.0.1"), 0, 0});
  ASSERT_TRUE(first.ok());
  const std::uint16_t port = port_of(*first);
  const auto second = listen_tcp({ip("127.0.0.1"), port, 0});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, "127.0.0.1:" + std::to_string(port) + ": Address already in use");
  EXPECT_EQ(second.error().code, EADDRINUSE);
}

TEST(ListenTcp, an_address_of_another_machine_is_an_error) {
  const auto fd = listen_tcp({ip("192.0.2.1"), 0, 0});  // RFC 5737
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().message, "192.0.2.1:0: Cannot assign requested address");
}

TEST(ListenTcp, the_ipv6_wildcard_takes_ipv4_too) {
  const auto fd = listen_tcp({ip("::"), 0, 0});
  if (!fd.ok()) GTEST_SKIP() << "no IPv6 here: " << fd.error().message;
  EXPECT_TRUE(connect_loopback(port_of(*fd)).valid());
}

TEST(ListenUnix, takes_connections_and_has_the_mode) {
  const TempDir dir;
  const std::string path = dir.file("api.sock");
  const auto fd = listen_unix(path, 0640);
  ASSERT_TRUE(fd.ok()) << fd.error().message;
  EXPECT_TRUE(connect_unix(path).valid());
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST(ListenUnix, a_socket_in_use_is_left_alone) {
  const TempDir dir;
  const std::string path = dir.file("api.sock");
  const auto first = listen_unix(path, 0600);
  ASSERT_TRUE(first.ok());
  const auto second = listen_unix(path, 0600);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, path + ": Address already in use");
  EXPECT_TRUE(connect_unix(path).valid());
}

TEST(ListenUnix, what_a_dead_process_left_behind_is_replaced) {
  const TempDir dir;
  const std::string path = dir.file("api.sock");
  { ASSERT_TRUE(listen_unix(path, 0600).ok()); }
  EXPECT_FALSE(connect_unix(path).valid());
  const auto again = listen_unix(path, 0600);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(connect_unix(path).valid());
}

TEST(ListenUnix, a_file_that_is_no_socket_is_never_removed) {
  const TempDir dir;
  const std::string path = dir.file("precious");
  std::ofstream(path) << "data";
  const auto fd = listen_unix(path, 0600);
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().message, path + ": Address already in use");
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(ListenUnix, a_path_that_does_not_fit_is_an_error) {
  EXPECT_FALSE(listen_unix("/" + std::string(200, 'x'), 0600).ok());
  EXPECT_FALSE(listen_unix("", 0600).ok());
}

TEST(ListenUnix, a_missing_directory_is_named) {
  const TempDir dir;
  const std::string path = dir.file("none/api.sock");
  const auto fd = listen_unix(path, 0600);
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().message, path + ": No such file or directory");
}

TEST(ListenAt, a_name_and_a_zone_are_looked_up) {
  const auto local = endpoint_of({.port = 1, .host = "localhost"});
  ASSERT_TRUE(local.ok()) << local.error().message;
  EXPECT_EQ(to_string(*local), "127.0.0.1:1");
  const auto zoned = endpoint_of({*parse_ip_address("fe80::1"), 1, "lo"});
  ASSERT_TRUE(zoned.ok()) << zoned.error().message;
  EXPECT_NE(zoned->interface_index, 0U);
  EXPECT_FALSE(endpoint_of({*parse_ip_address("fe80::1"), 1, "nosuch0"}).ok());
  const auto unknown = listen_at({.port = 1, .host = "name.invalid"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_TRUE(unknown.error().message.starts_with("name.invalid:1: ")) << unknown.error().message;
}

}  // namespace
}  // namespace sockwatch
