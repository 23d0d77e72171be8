// SPDX-License-Identifier: Apache-2.0
#include "lib/model/display.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

namespace sockwatch {
namespace {

TEST(Display, an_endpoint_has_its_protocol_behind_it) {
  EXPECT_EQ(endpoint_text(listener(listening(Protocol::Tcp, "0.0.0.0", 4444, 1))), "0.0.0.0:4444/tcp");
  EXPECT_EQ(endpoint_text(listener(unix_listening("/run/a.sock", 1))), "/run/a.sock/unix");
  EXPECT_EQ(endpoint_text(listener(packet_socket("eth0", 3, 1))), "eth0 (any)/packet");
}

TEST(Display, a_port_that_the_kernel_chose_is_no_part_of_what_lasts) {
  SocketRecord record = listening(Protocol::Tcp, "0.0.0.0", 40001, 1);
  EXPECT_EQ(lasting_endpoint_text(listener(record)), "0.0.0.0:40001");
  record.bind = Bind::Assigned;
  EXPECT_EQ(lasting_endpoint_text(listener(record)), "0.0.0.0");
  record = unix_listening("/run/a.sock", 1);
  record.bind = Bind::Assigned;
  EXPECT_EQ(lasting_endpoint_text(listener(record)), "/run/a.sock") << "a name, not a port";
}

TEST(Display, an_owner_is_called_by_the_name_that_lasts_longest) {
  Owner owner;
  owner.state = OwnerState::Exited;
  EXPECT_EQ(owner_name(owner), "exited");
  owner.holders = {{{77, 1}, "", "/usr/bin/nc", 1000}};
  EXPECT_EQ(owner_name(owner), "nc");
  owner.holders.front().comm = "ncat";
  EXPECT_EQ(owner_name(owner), "ncat");
  owner.unit = "nc.service";
  EXPECT_EQ(owner_name(owner), "nc.service");
  owner.container = "docker:0123456789ab";
  EXPECT_EQ(owner_name(owner), "docker:0123456789ab");
}

}  // namespace
}  // namespace sockwatch
