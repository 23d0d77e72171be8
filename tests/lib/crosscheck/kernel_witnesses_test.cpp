// SPDX-License-Identifier: Apache-2.0
#include "lib/crosscheck/kernel_witnesses.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "lib/crosscheck/cross_check.h"
#include "lib/netlink/kernel_channel.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/namespace_of_own.h"
#include "tests/fakes/open_ports.h"

namespace sockwatch {
namespace {

using Ports = std::vector<std::pair<Protocol, std::uint32_t>>;

const Ports kListening{{Protocol::Tcp, OpenPorts::kTcpListener},
                       {Protocol::Tcp, OpenPorts::kTcpIdleListener},
                       {Protocol::Udp, OpenPorts::kUdpServer}};

// What `inside` does happens where OpenPorts are open.
void among_open_ports(const std::function<void()>& inside) {
  std::string trouble;
  const NamespaceOfOwn there([&] {
    try {
      const OpenPorts open;
      inside();
    } catch (const std::exception& error) {
      trouble = error.what();
    }
  });
  if (there.error() != 0) GTEST_SKIP() << "no network namespace of our own: needs CAP_SYS_ADMIN";
  EXPECT_EQ(trouble, "");
}

Dir directory(const std::string& path) {
  auto opened = Dir::open(path);
  if (!opened.ok()) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

std::unique_ptr<Channel> channel() {
  auto opened = KernelChannel::open();
  if (!opened.ok()) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

TEST(KernelWitnesses, claim_the_same_sockets_and_only_those_that_wait_for_strangers) {
  among_open_ports([] {
    SockDiagWitness sock_diag(channel());
    ProcNetWitness proc_net(directory("/proc/thread-self/net"));
    auto one = sock_diag.ask();
    auto other = proc_net.ask();
    ASSERT_TRUE(one.ok() && other.ok());
    std::sort(one->begin(), one->end());
    std::sort(other->begin(), other->end());
    EXPECT_EQ(*one, *other);
    EXPECT_EQ(ports_of(*one), kListening);
  });
}

TEST(KernelWitnesses, a_table_that_lacks_a_listener_is_found_out) {
  among_open_ports([] {
    FileTree forged;
    for (const char* table : {"tcp", "tcp6", "udp6"}) forged.write(table, "  sl  local_address\n");
    forged.write("udp", *directory("/proc/thread-self/net").read_file("udp", 1 << 20));
    SockDiagWitness sock_diag(channel());
    ProcNetWitness proc_net(directory(forged.path()));
    const auto result =
        CrossCheck(
            {&sock_diag, &proc_net}, [] {}, [] { return Duration{}; }, std::chrono::seconds(1))
            .run();
    EXPECT_EQ(result.hidden, (std::vector<HiddenPort>{
                                 {Protocol::Tcp, OpenPorts::kTcpListener, "/proc/net", "sock_diag"},
                                 {Protocol::Tcp, OpenPorts::kTcpIdleListener, "/proc/net", "sock_diag"}}));
  });
}

TEST(KernelWitnesses, a_line_that_cannot_be_read_is_no_denial) {
  FileTree damaged;
  for (const char* table : {"tcp", "tcp6", "udp", "udp6"}) damaged.write(table, "  sl\n nonsense\n");
  EXPECT_FALSE(ProcNetWitness(directory(damaged.path())).ask().ok());
}

TEST(KernelWitnesses, a_machine_without_ipv6_has_no_tables_of_it) {
  FileTree only_v4;
  for (const char* table : {"tcp", "udp"}) only_v4.write(table, "  sl\n");
  EXPECT_TRUE(ProcNetWitness(directory(only_v4.path())).ask().ok());
}

TEST(PortsWithoutListener, are_those_of_connections_and_of_sockets_that_are_only_bound) {
  among_open_ports([] {
    const auto ports = ports_without_listener(*channel());
    ASSERT_TRUE(ports.ok());
    EXPECT_TRUE(ports->contains({Protocol::Tcp, OpenPorts::kTcpClient, 0}));
    EXPECT_TRUE(ports->contains({Protocol::Udp, OpenPorts::kUdpClient, 0}));
    EXPECT_FALSE(ports->contains({Protocol::Udp, OpenPorts::kUdpServer, 0}));
  });
}

}  // namespace
}  // namespace sockwatch
