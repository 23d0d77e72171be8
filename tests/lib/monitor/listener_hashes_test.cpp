// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/listener_hashes.h"

#include <gtest/gtest.h>

#include "tests/fakes/sockets.h"

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

}  // namespace
}  // namespace sockwatch
