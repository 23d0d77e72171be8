// SPDX-License-Identifier: Apache-2.0
// Linked with what stands in for the counter where it could not be built.
#include <gtest/gtest.h>

#include "lib/bpf/tcp_counter.h"

namespace sockwatch {
namespace {

TEST(NoTcpCounter, says_what_it_was_built_without) {
  const auto counter = TcpCounter::open();
  ASSERT_FALSE(counter.ok());
  EXPECT_NE(counter.error().message.find("built without BPF"), std::string::npos) << counter.error().message;
}

}  // namespace
}  // namespace sockwatch
