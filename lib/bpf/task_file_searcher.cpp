// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/task_file_searcher.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "lib/base/unique_fd.h"
#include "lib/bpf/task_file.h"
#include "lib/bpf/told_holder.h"
#include "task_files.skel.h"

namespace sockwatch {
namespace {

// One read(2) walks over at most TASK_FILE_PAUSE files, some 1.2 ms.
constexpr std::size_t kStepsPerRead = 400;

class TaskFileSearch final : public SocketSearch {
 public:
  TaskFileSearch(UniqueFd walk, std::vector<std::uint32_t> inodes)
      : walk_(std::move(walk)), inodes_(std::move(inodes)) {}

  std::size_t step(std::size_t budget) override {
    std::size_t spent = 0;
    while (spent < budget && !done()) {
      read_one();
      spent += kStepsPerRead;
    }
    return spent;
  }
  bool done() const override { return !walk_.valid(); }
  bool looks_for(std::uint32_t inode) const override {
    return std::binary_search(inodes_.begin(), inodes_.end(), inode);
  }
  const std::vector<HeldSocket>& found() const override { return found_; }
  bool incomplete() const override { return failed_; }

 private:
  void read_one() {
    static const long kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
    task_file_hit hit{};
    const ssize_t length = ::read(walk_.get(), &hit, sizeof(hit));
    if (length < 0 && (errno == EINTR || errno == EAGAIN)) return;  // EAGAIN: a million files without a hit
    if (length != static_cast<ssize_t>(sizeof(hit))) {
      failed_ = length != 0;
      walk_.reset();
      return;
    }
    if (hit.inode != 0) note({hit.inode, told_holder(hit, kTicksPerSecond)});
  }
  // A process may hold a socket by several descriptors; its own are found one after the other.
  void note(HeldSocket held) {
    for (auto other = found_.rbegin(); other != found_.rend() && other->holder.id == held.holder.id;
         ++other) {
      if (other->inode == held.inode) return;
    }
    found_.push_back(std::move(held));
  }

  UniqueFd walk_;
  std::vector<std::uint32_t> inodes_;  // ascending
  std::vector<HeldSocket> found_;
  bool failed_ = false;
};

}  // namespace

void TaskFileSearcher::Free::operator()(task_files* skeleton) const {
  task_files__destroy(skeleton);
}

TaskFileSearcher::~TaskFileSearcher() = default;

Result<std::unique_ptr<TaskFileSearcher>> TaskFileSearcher::open() {
  ::libbpf_set_print(nullptr);
  std::unique_ptr<TaskFileSearcher> searcher(new TaskFileSearcher);
  searcher->skeleton_.reset(task_files__open());
  if (!searcher->skeleton_) return Error::from_errno("bpf object", errno);
  if (const int status = task_files__load(searcher->skeleton_.get()); status != 0)
    return Error::from_errno("bpf load", -status);
  if (const int status = task_files__attach(searcher->skeleton_.get()); status != 0)
    return Error::from_errno("bpf attach", -status);
  return searcher;
}

std::unique_ptr<SocketSearch> TaskFileSearcher::search(std::vector<std::uint32_t> inodes) {
  std::sort(inodes.begin(), inodes.end());
  inodes.erase(std::unique(inodes.begin(), inodes.end()), inodes.end());
  if (inodes.size() > TASK_FILE_WANTED) inodes.resize(TASK_FILE_WANTED);
  std::uint32_t(&wanted)[TASK_FILE_WANTED] = skeleton_->bss->wanted;
  std::fill(std::copy(inodes.begin(), inodes.end(), std::begin(wanted)), std::end(wanted), UINT32_MAX);
  UniqueFd walk(::bpf_iter_create(::bpf_link__fd(skeleton_->links.socket_holders)));
  if (!walk.valid()) return nullptr;
  return std::make_unique<TaskFileSearch>(std::move(walk), std::move(inodes));
}

}  // namespace sockwatch
