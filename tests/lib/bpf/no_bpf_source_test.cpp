// SPDX-License-Identifier: Apache-2.0
// Linked with what stands in for the BPF source where it could not be built.
#include <gtest/gtest.h>

#include "lib/bpf/bpf_source.h"

namespace sockwatch {
namespace {

TEST(NoBpfSource, says_what_it_was_built_without) {
  const auto source = BpfSource::open({NamespaceId{1}, "/sys/fs/cgroup"});
  ASSERT_FALSE(source.ok());
  EXPECT_NE(source.error().message.find("built without BPF"), std::string::npos) << source.error().message;
}

}  // namespace
}  // namespace sockwatch
