// SPDX-License-Identifier: Apache-2.0
#include "daemon/status_text.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

View view_of(std::vector<VerdictKind> verdicts) {
  View view;
  view.namespaces_watched = 1;
  for (const VerdictKind kind : verdicts) {
    Listener judged;
    judged.verdict.kind = kind;
    view.listeners.push_back(judged);
  }
  return view;
}

Listener owned_by(OwnerState state) {
  Listener listener;
  listener.annotation.owner.state = state;
  return listener;
}

TEST(StatusText, counts_what_is_open_and_what_was_not_expected) {
  View view = view_of({VerdictKind::Expected, VerdictKind::Unexpected, VerdictKind::Ignored});
  view.event_source = EventSource::Bpf;
  EXPECT_EQ(count_unexpected(view), 1U);
  EXPECT_EQ(status_text(view, 0), "Watching 3 listeners, 1 unexpected; events: bpf, sockets from sock-diag");
}

TEST(StatusText, says_what_is_not_seen) {
  View view = view_of({});
  view.namespaces_watched = 3;
  view.namespaces_unreadable = 2;
  view.listeners = {owned_by(OwnerState::NoPermission), owned_by(OwnerState::Kernel)};
  EXPECT_EQ(status_text(view, 1),
            "Watching 2 listeners, 0 unexpected; events: poll, sockets from sock-diag, 3 network namespaces, "
            "2 not to be entered, programs of 1 hidden (no permission); DEGRADED: 1 parts out of sight");
}

}  // namespace
}  // namespace sockwatch
