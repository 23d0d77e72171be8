// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/task_file_searcher.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/unique_fd.h"
#include "lib/bpf/task_file.h"
#include "lib/bpf/told_holder.h"
#include "task_files.skel.h"

namespace sockwatch {
namespace {

constexpr Duration kStep = std::chrono::microseconds(3);

}  // namespace

class TaskFileSearcher::Search final : public SocketSearch {
 public:
  Search(UniqueFd walk, std::vector<std::uint32_t> inodes, std::shared_ptr<Slot> slot)
      : walk_(std::move(walk)), inodes_(std::move(inodes)), found_(inodes_.size()), slot_(std::move(slot)) {
    slot_->busy = true;
  }
  ~Search() override { slot_->busy = false; }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  // One read(2) walks over at most TASK_FILE_PAUSE files, some 1.2 ms.
  std::size_t step(std::size_t budget) override {
    std::size_t spent = 0;
    while (spent < budget && !done()) {
      const Duration before = thread_cpu_time();
      read_one();
      spent += 1 + static_cast<std::size_t>((thread_cpu_time() - before) / kStep);
    }
    return spent;
  }
  bool done() const override { return !walk_.valid(); }
  bool looks_for(std::uint32_t inode) const override {
    return std::binary_search(inodes_.begin(), inodes_.end(), inode);
  }
  const std::vector<HeldSocket>& found() const override { return found_.kept(); }
  HoldersLeftOut left_out(std::uint32_t inode) const override { return found_.left_out(inode); }
  bool in_flight(std::uint32_t inode) const override { return in_flight_.contains(inode); }
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
    if (hit.inode == 0) return;
    if (hit.fd == TASK_FILE_IN_FLIGHT) {
      in_flight_.insert(hit.inode);
      return;
    }
    // Threads mostly share the table of the first one; where it has ended, theirs is shown as their own.
    const auto thread = static_cast<std::int32_t>(hit.tid == hit.tgid ? 0 : hit.tid);
    // A process may hold a socket by several descriptors; its own are found one after the other.
    found_.add({hit.inode, told_holder(hit, kTicksPerSecond), static_cast<std::int32_t>(hit.fd), thread,
                hit.exe_inode << 32 ^ hit.exe_inode >> 32 ^ hit.exe_device});
  }

  UniqueFd walk_;
  std::vector<std::uint32_t> inodes_;  // ascending
  HeldSockets found_;
  std::shared_ptr<Slot> slot_;
  std::set<std::uint32_t> in_flight_;
  bool failed_ = false;
};

void TaskFileSearcher::Free::operator()(task_files* skeleton) const {
  task_files__destroy(skeleton);
}

TaskFileSearcher::~TaskFileSearcher() = default;

Result<void> TaskFileSearcher::load(Slot& slot) {
  slot.skeleton.reset(task_files__open());
  if (!slot.skeleton) return Error::from_errno("bpf object", errno);
  if (const int status = task_files__load(slot.skeleton.get()); status != 0)
    return Error::from_errno("bpf load", -status);
  if (const int status = task_files__attach(slot.skeleton.get()); status != 0)
    return Error::from_errno("bpf attach", -status);
  return {};
}

Result<std::unique_ptr<TaskFileSearcher>> TaskFileSearcher::open() {
  ::libbpf_set_print(nullptr);
  std::unique_ptr<TaskFileSearcher> searcher(new TaskFileSearcher);
  for (auto& slot : searcher->slots_) {
    slot = std::make_shared<Slot>();
    if (auto loaded = load(*slot); !loaded.ok()) return loaded.error();
  }
  return searcher;
}

std::unique_ptr<SocketSearch> TaskFileSearcher::search(std::vector<std::uint32_t> inodes) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(), [](const auto& each) { return !each->busy; });
  if (slot == slots_.end()) return nullptr;
  task_files& program = *(*slot)->skeleton;
  std::sort(inodes.begin(), inodes.end());
  inodes.erase(std::unique(inodes.begin(), inodes.end()), inodes.end());
  if (inodes.size() > TASK_FILE_WANTED) inodes.resize(TASK_FILE_WANTED);
  std::uint32_t(&wanted)[TASK_FILE_WANTED] = program.bss->wanted;
  std::fill(std::copy(inodes.begin(), inodes.end(), std::begin(wanted)), std::end(wanted), UINT32_MAX);
  UniqueFd walk(::bpf_iter_create(::bpf_link__fd(program.links.socket_holders)));
  if (!walk.valid()) return nullptr;
  return std::make_unique<Search>(std::move(walk), std::move(inodes), *slot);
}

}  // namespace sockwatch
