// SPDX-License-Identifier: Apache-2.0
// Linked with what stands in for the walk where it could not be built.
#include <gtest/gtest.h>

#include "lib/bpf/kernel_socket_walk.h"

namespace sockwatch {
namespace {

TEST(NoKernelSocketWalk, says_what_it_was_built_without) {
  const auto walk = KernelSocketWalk::open();
  ASSERT_FALSE(walk.ok());
  EXPECT_NE(walk.error().message.find("built without BPF"), std::string::npos) << walk.error().message;
}

}  // namespace
}  // namespace sockwatch
