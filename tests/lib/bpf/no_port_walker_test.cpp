// SPDX-License-Identifier: Apache-2.0
// Linked with what stands in for the walker where it could not be built.
#include <gtest/gtest.h>

#include "lib/bpf/port_walker.h"

namespace sockwatch {
namespace {

TEST(NoPortWalker, says_what_it_was_built_without) {
  const auto walker = PortWalker::open();
  ASSERT_FALSE(walker.ok());
  EXPECT_NE(walker.error().message.find("built without BPF"), std::string::npos) << walker.error().message;
}

}  // namespace
}  // namespace sockwatch
