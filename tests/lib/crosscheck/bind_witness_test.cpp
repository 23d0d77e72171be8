// SPDX-License-Identifier: Apache-2.0
#include "lib/crosscheck/bind_witness.h"

#include <gtest/gtest.h>

#include "lib/netlink/kernel_channel.h"
#include "tests/fakes/namespace_of_own.h"
#include "tests/fakes/open_ports.h"

namespace sockwatch {
namespace {

TEST(BindWitness, claims_taken_ports_but_not_those_of_clients) {
  std::vector<std::vector<PortClaim>> answers;
  std::string trouble;
  const NamespaceOfOwn there([&] {
    try {
      const OpenPorts open;
      auto channel = KernelChannel::open();
      if (!channel.ok()) throw std::runtime_error(channel.error().message);
      BindWitness witness(*std::move(channel));
      for (int i = 0; i < 2; ++i) {
        auto answer = witness.ask();
        if (!answer.ok()) throw std::runtime_error(answer.error().message);
        answers.push_back(*std::move(answer));
      }
    } catch (const std::exception& error) {
      trouble = error.what();
    }
  });
  if (there.error() != 0) GTEST_SKIP() << "no network namespace of our own: needs CAP_SYS_ADMIN";
  ASSERT_EQ(trouble, "");
  ASSERT_EQ(answers.size(), 2U);
  for (const auto& answer : answers) {
    const auto ports = ports_of(answer);
    EXPECT_TRUE(std::binary_search(ports.begin(), ports.end(),
                                   std::pair(Protocol::Tcp, std::uint32_t{OpenPorts::kTcpIdleListener})));
    for (const std::uint32_t client : {OpenPorts::kTcpClient, OpenPorts::kUdpClient}) {
      for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp})
        EXPECT_FALSE(std::binary_search(ports.begin(), ports.end(), std::pair(protocol, client))) << client;
    }
  }
}

}  // namespace
}  // namespace sockwatch
