// SPDX-License-Identifier: Apache-2.0
// Stands in for task_file_searcher.cpp where the programs could not be built: opening it says so.
#include "lib/bpf/task_file_searcher.h"

#include "lib/bpf/built_without.h"

namespace sockwatch {

void TaskFileSearcher::Free::operator()(task_files*) const {}

TaskFileSearcher::~TaskFileSearcher() = default;

Result<std::unique_ptr<TaskFileSearcher>> TaskFileSearcher::open() {
  return Error{kBuiltWithoutBpf};
}

std::unique_ptr<SocketSearch> TaskFileSearcher::search(std::vector<std::uint32_t>) {
  return nullptr;
}

}  // namespace sockwatch
