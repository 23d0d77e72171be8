// SPDX-License-Identifier: Apache-2.0
// What it answers where it cannot run; what it hears is in sources_live_test.cpp.
#include "lib/bpf/bpf_source.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/lib/monitor/refused_calls.h"

namespace sockwatch {
namespace {

std::string refusal(NamespaceId name_space) {
  const auto source = BpfSource::open({name_space, "/sys/fs/cgroup"});
  return source.ok() ? "opened" : source.error().message;
}

bool was_built() {
  return refusal({}).find("built without BPF") == std::string::npos;
}

TEST(BpfSource, must_know_its_namespace_or_all_events_would_be_somebody_elses) {
  if (!was_built()) GTEST_SKIP() << "built without BPF";
  EXPECT_EQ(refusal({}), "bpf: needs Linux 5.14 (SO_NETNS_COOKIE)");
}

TEST(BpfSource, refused_by_the_kernel_is_one_line_with_the_reason) {
  if (!was_built()) GTEST_SKIP() << "built without BPF";
  const bool ran = with_refused(
      {{SYS_bpf, EPERM}}, [] { EXPECT_EQ(refusal(NamespaceId{1}), "bpf load: Operation not permitted"); });
  if (!ran) GTEST_SKIP() << "needs seccomp(2)";
}

}  // namespace
}  // namespace sockwatch
