// SPDX-License-Identifier: Apache-2.0
// Asks the kernel that runs here by BPF and by sock_diag about the same ports. Skipped without the
// privileges.
#include "lib/bpf/port_walker.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/crosscheck/kernel_witnesses.h"
#include "lib/netlink/kernel_channel.h"
#include "tests/fakes/namespace_of_own.h"
#include "tests/fakes/open_ports.h"

namespace sockwatch {
namespace {

TEST(PortWalker, shows_the_sockets_that_sock_diag_shows) {
  auto walker = PortWalker::open();
  if (!walker.ok()) GTEST_SKIP() << walker.error().message;
  std::vector<PortClaim> by_bpf;
  std::vector<PortClaim> by_netlink;
  std::string trouble;
  const NamespaceOfOwn there([&] {
    try {
      const OpenPorts open;
      auto channel = KernelChannel::open();
      if (!channel.ok()) throw std::runtime_error(channel.error().message);
      SockDiagWitness sock_diag(*std::move(channel));
      by_bpf = *(*walker)->ask();
      by_netlink = *sock_diag.ask();
    } catch (const std::exception& error) {
      trouble = error.what();
    }
  });
  if (there.error() != 0) GTEST_SKIP() << "no network namespace of our own: needs CAP_SYS_ADMIN";
  ASSERT_EQ(trouble, "");
  std::sort(by_bpf.begin(), by_bpf.end());
  std::sort(by_netlink.begin(), by_netlink.end());
  EXPECT_EQ(by_bpf, by_netlink);
  EXPECT_FALSE(by_bpf.empty());
}

}  // namespace
}  // namespace sockwatch
