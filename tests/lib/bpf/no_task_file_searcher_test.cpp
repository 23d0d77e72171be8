// SPDX-License-Identifier: Apache-2.0
// Linked with what stands in for the searcher where it could not be built.
#include <gtest/gtest.h>

#include "lib/bpf/task_file_searcher.h"

namespace sockwatch {
namespace {

TEST(NoTaskFileSearcher, says_what_it_was_built_without) {
  const auto searcher = TaskFileSearcher::open();
  ASSERT_FALSE(searcher.ok());
  EXPECT_NE(searcher.error().message.find("built without BPF"), std::string::npos)
      << searcher.error().message;
}

}  // namespace
}  // namespace sockwatch
