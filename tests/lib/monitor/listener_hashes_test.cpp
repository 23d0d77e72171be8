// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/listener_hashes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/monitor/monitor.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/sockets.h"
#include "tests/lib/monitor/scripted_source.h"

namespace sockwatch {
namespace {

TEST(ListenersRevision, differs_with_everything_that_the_page_shows_to_change) {
  const Listener ssh = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  std::vector<Listener> others(6, ssh);
  others[0].verdict.kind = VerdictKind::Unexpected;
  others[1].annotation.owner.unit = "ssh.service";
  others[2].annotation.owner.holders = {{{7, 1}, "sshd", "", 0}};
  others[3].key.local.port = 23;
  others[4].key.protocol = Protocol::Udp;
  others[5].annotation.name_space = "blue";
  for (const Listener& other : others) EXPECT_NE(listeners_revision({other}), listeners_revision({ssh}));
}

TEST(ListenersRevision, does_not_differ_with_queues_and_counts) {
  const Listener quiet = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  Listener busy = quiet;
  busy.members[0].receive_queue = 3;
  busy.drops_total = 9;
  EXPECT_EQ(listeners_revision({busy}), listeners_revision({quiet}));
}

TEST(ListenerHashes, leave_out_what_is_only_counted) {
  const Listener ssh = listener(listening(Protocol::Tcp, "0.0.0.0", 22, 1));
  Listener counted = listener(unix_listening("/run/a", 2));
  counted.verdict.kind = VerdictKind::Ignored;
  EXPECT_EQ(listeners_revision({ssh, counted}), listeners_revision({ssh}));
  EXPECT_EQ(listener_set_hash({ssh, counted}), listener_set_hash({ssh}));
}

// Of the listeners a monitor sees in its first look.
std::string set_hash(std::vector<SocketRecord> records) {
  FakeClock clock;
  ScriptedSource source;
  source.add(std::move(records));
  Monitor monitor({&source, &source}, {Annotator(ServiceTable(), std::nullopt), {}, {}});
  monitor.look(LookKind::Listeners, clock);
  return monitor.view(clock.now()).listener_set_hash.get();
}

TEST(ListenerSetHash, is_equal_for_equal_sets_of_any_order_and_sockets) {
  const SocketRecord web = listening(Protocol::Tcp, "0.0.0.0", 80, 1);
  const SocketRecord dns = listening(Protocol::Udp, "127.0.0.53", 53, 2);
  const std::string hash = set_hash({web, dns});
  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(set_hash({dns, web}), hash);
  EXPECT_EQ(
      set_hash({listening(Protocol::Tcp, "0.0.0.0", 80, 91), listening(Protocol::Udp, "127.0.0.53", 53, 92)}),
      hash);
  EXPECT_EQ(set_hash({web, listening(Protocol::Tcp, "0.0.0.0", 80, 3), dns}), hash) << "SO_REUSEPORT";
}

TEST(ListenerSetHash, ports_of_the_kernels_choice_do_not_count) {
  SocketRecord one = listening(Protocol::Tcp, "127.0.0.1", 40001, 1);
  SocketRecord other = listening(Protocol::Tcp, "127.0.0.1", 50001, 2);
  one.bind = other.bind = Bind::Assigned;
  EXPECT_EQ(set_hash({one}), set_hash({other}));
  EXPECT_EQ(set_hash({one}), set_hash({one, other}));
}

TEST(ListenerSetHash, differs_for_everything_else) {
  const std::vector<std::string> hashes{
      set_hash({}),
      set_hash({listening(Protocol::Tcp, "0.0.0.0", 80, 1)}),
      set_hash({listening(Protocol::Udp, "0.0.0.0", 80, 1)}),
      set_hash({listening(Protocol::Tcp, "0.0.0.0", 81, 1)}),
      set_hash({listening(Protocol::Tcp, "127.0.0.1", 80, 1)}),
      set_hash({listening(Protocol::Tcp, "0.0.0.0", 80, 1), listening(Protocol::Tcp, "0.0.0.0", 81, 2)}),
  };
  EXPECT_EQ(std::set<std::string>(hashes.begin(), hashes.end()).size(), hashes.size());
}

}  // namespace
}  // namespace sockwatch
