// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/network_reader.h"

#include <gtest/gtest.h>

namespace sockwatch::firewall {
namespace {

TEST(NetworkReader, this_machine_has_loopback) {
  const auto network = read_network("/proc");
  ASSERT_TRUE(network.ok()) << network.error().message;
  const NetworkInterface* loopback = network->find("lo");
  ASSERT_NE(loopback, nullptr);
  EXPECT_TRUE(loopback->loopback);
  EXPECT_TRUE(!loopback->up || network->is_local(*parse_ip_address("127.0.0.1")));
}

TEST(NetworkReader, without_proc_there_is_nothing_to_read) {
  EXPECT_FALSE(read_network("/nonexistent").ok());
}

}  // namespace
}  // namespace sockwatch::firewall
