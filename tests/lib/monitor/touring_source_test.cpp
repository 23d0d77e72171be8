// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/touring_source.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <set>

#include "lib/base/unique_fd.h"
#include "lib/procfs/net_namespaces.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/file_tree.h"
#include "tests/fakes/namespace_of_own.h"
#include "tests/lib/monitor/sinks.h"

namespace sockwatch {
namespace {

const std::vector<Protocol> kTcpAndUdp{Protocol::Tcp, Protocol::Udp};

UniqueFd listening(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 1) != 0)
    fd.reset();
  return fd;
}

// Two namespaces, "here" being one of them: the test's thread has moved to neither the machine's.
class Tour : public testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNET) != 0 || there_.error() != 0)
      GTEST_SKIP() << "needs CAP_SYS_ADMIN to make network namespaces";
    here_ = listening(8001);
    ASSERT_TRUE(here_.valid() && socket_there_.valid());
    struct stat facts {};
    ASSERT_EQ(::stat("/proc/thread-self/ns/net", &facts), 0);
    proc_.link("self/ns/net", net_namespace_link(facts.st_ino));
    // A mount of it would be the same file: any path does that opens it.
    proc_.write("self/mountinfo", "90 22 0:4 " + net_namespace_link(there_.inode()) + " " + there_.path() +
                                      " rw - nsfs nsfs rw\n");
    auto host = LiveSource::open({kTcpAndUdp, "/proc", {}});
    ASSERT_TRUE(host.ok());
    roster_ = std::make_unique<NamespaceRoster>(proc_.open(), (*host)->name_space());
    tour_ = std::make_unique<TouringSource>(*std::move(host), roster_.get());
  }

  FileTree proc_;
  UniqueFd socket_there_;
  NamespaceOfOwn there_{[this] { socket_there_ = listening(8002); }};
  UniqueFd here_;
  FakeClock clock_;
  std::unique_ptr<NamespaceRoster> roster_;
  std::unique_ptr<TouringSource> tour_;
};

TEST_F(Tour, sees_the_sockets_of_every_namespace) {
  const auto records = look_at(*tour_, LookKind::Listeners, clock_.now());
  EXPECT_EQ(places_of(records), (std::vector<std::string>{"tcp 0.0.0.0:8001", "tcp 0.0.0.0:8002"}));
  std::set<NamespaceId> spaces;
  for (const SocketRecord& record : records) spaces.insert(record.id.name_space);
  EXPECT_EQ(spaces.size(), 2U);
  EXPECT_EQ(roster_->name_of(records[1].id.name_space), net_namespace_link(there_.inode()));
  EXPECT_EQ(tour_->report().result(), LookResult::Complete);
  EXPECT_TRUE(tour_->report().torn.empty());
}

TEST_F(Tour, a_namespace_that_cannot_be_reached_tears_nothing_but_itself) {
  (void)look_at(*tour_, LookKind::Listeners, clock_.now());
  const NamespaceId id = *roster_->id_of(there_.inode());
  // It is found by another path now, which leads elsewhere.
  proc_.write("self/mountinfo",
              "90 22 0:4 " + net_namespace_link(there_.inode()) + " /proc/self/ns/pid rw - nsfs nsfs rw\n");
  clock_.advance(std::chrono::minutes(10));
  const auto records = look_at(*tour_, LookKind::Listeners, clock_.now());
  EXPECT_EQ(places_of(records), std::vector<std::string>{"tcp 0.0.0.0:8001"});
  EXPECT_EQ(tour_->report().torn, std::vector<NamespaceId>{id});
  EXPECT_EQ(tour_->report().result(), LookResult::Complete) << "our own was seen";
}

TEST_F(Tour, one_that_is_gone_tears_nothing) {
  (void)look_at(*tour_, LookKind::Listeners, clock_.now());
  proc_.write("self/mountinfo", "");
  clock_.advance(std::chrono::minutes(10));
  EXPECT_EQ(look_at(*tour_, LookKind::Listeners, clock_.now()).size(), 1U);
  EXPECT_TRUE(tour_->report().torn.empty());
}

TEST_F(Tour, without_a_roster_stays_at_home) {
  auto host = LiveSource::open({kTcpAndUdp, "/proc", {}});
  ASSERT_TRUE(host.ok());
  TouringSource home(*std::move(host), nullptr);
  EXPECT_EQ(places_of(look_at(home, LookKind::Listeners, clock_.now())),
            std::vector<std::string>{"tcp 0.0.0.0:8001"});
}

}  // namespace
}  // namespace sockwatch
