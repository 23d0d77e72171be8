// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/cgroup_tree.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "lib/base/directory_stream.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kProcsCap = std::size_t{1} << 20;
constexpr std::size_t kMostCgroups = 100'000;  // a tree beyond that is not walked to its end
constexpr int kRestPerCost = 100;
constexpr Duration kCheapWalk = std::chrono::milliseconds(3);  // the walk of a few hundred cgroups
constexpr std::uint64_t kRootId = 1;  // of the hierarchy's own root (fs/kernfs/dir.c)
constexpr int kHandleType = 0xfe;     // FILEID_KERNFS: the handle is the 64-bit id

// Every v2 cgroup has this file, and no v1 directory does.
bool is_v2(const Dir& dir) {
  return ::faccessat(dir.fd(), "cgroup.controllers", F_OK, 0) == 0;
}

bool is_cgroupfs(const Dir& dir) {
  struct statfs facts {};
  return ::fstatfs(dir.fd(), &facts) == 0 && facts.f_type == CGROUP2_SUPER_MAGIC;
}

// Where an open file is, as our own /proc tells; empty where there is no /proc.
std::string path_of_fd(int fd) {
  std::array<char, PATH_MAX> buffer;
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t n = ::readlink(link.c_str(), buffer.data(), buffer.size());
  return n < 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(n));
}

UniqueFd open_by_id(const Dir& root, std::uint64_t id) {
  // file_handle ends in an array of any length, for which C++ has no word.
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + sizeof id> bytes{};
  file_handle handle{};
  handle.handle_bytes = sizeof id;
  handle.handle_type = kHandleType;
  std::memcpy(bytes.data(), &handle, sizeof handle);
  std::memcpy(bytes.data() + offsetof(file_handle, f_handle), &id, sizeof id);
  return UniqueFd(::open_by_handle_at(root.fd(), reinterpret_cast<file_handle*>(bytes.data()),
                                      O_PATH | O_DIRECTORY | O_CLOEXEC));
}

// For openat(2), which would take "/a" from the machine's root.
const char* relative(const std::string& path) {
  return path.size() > 1 ? path.c_str() + 1 : ".";
}

}  // namespace

Result<CgroupTree> CgroupTree::open(const std::string& root) {
  auto dir = Dir::open(root);
  if (!dir) return dir.error();
  if (!is_v2(*dir)) {
    dir = dir->open_dir("unified");
    if (!dir || !is_v2(*dir)) return Error{"no cgroup v2 tree in " + root};
  }
  const bool real = is_cgroupfs(*dir);
  const auto identity = dir->identity();
  if (!identity) return identity.error();
  const bool whole = !real || identity->inode == kRootId;
  std::string mount_path = path_of_fd(dir->fd());
  return CgroupTree(std::move(*dir), std::move(mount_path), real, whole);
}

std::vector<CgroupTree::Lookup> CgroupTree::paths_of(std::span<const std::uint64_t> ids, Duration budget) {
  std::vector<Lookup> lookups(ids.size());
  bool walked = false;
  bool whole = false;  // it began and ended after these were asked for
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == 0) continue;
    if (kernel_opens_) lookups[i] = ask_kernel(ids[i]);
    if (kernel_opens_) continue;  // it did not refuse
    if (!walked && !walked_.contains(ids[i])) {
      whole = walk(budget);
      walked = true;
    }
    lookups[i] = recall(ids[i], whole);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) remember(ids[i], lookups[i]);
  return lookups;
}

// systemd removes the cgroup of a socket unit as soon as no process is in it; whose the socket is stays true.
// An id is not given to another cgroup while the machine is up.
void CgroupTree::remember(std::uint64_t id, Lookup& lookup) {
  constexpr std::size_t kEnough = 8192;
  if (lookup.answer == Answer::Found) {
    if (known_.size() >= kEnough) known_.clear();
    known_[id] = lookup.path;
  } else if (const auto known = known_.find(id); known != known_.end()) {
    lookup.path = known->second;
  }
}

CgroupTree::Lookup CgroupTree::ask_kernel(std::uint64_t id) {
  const UniqueFd cgroup = open_by_id(root_, id);
  if (!cgroup.valid()) {
    if (errno == ESTALE) return {Answer::Gone, ""};
    kernel_opens_ = false;  // no capability, or a sandbox
    return {};
  }
  const std::string path = path_of_fd(cgroup.get());
  if (path.empty()) kernel_opens_ = false;
  if (path == mount_path_) return {Answer::Found, "/"};
  // Elsewhere than below our mount: the parts of the tree that a cgroup namespace hides.
  if (!path.starts_with(mount_path_ + "/")) return {};
  return {Answer::Found, path.substr(mount_path_.size())};
}

CgroupTree::Lookup CgroupTree::recall(std::uint64_t id, bool walked_now) const {
  const auto known = walked_.find(id);
  if (known != walked_.end()) return {Answer::Found, known->second};
  return {whole_ && walked_now ? Answer::Gone : Answer::Unknown, ""};
}

bool CgroupTree::walk(Duration budget) {
  const MonotonicTime now = std::chrono::steady_clock::now();
  const bool goes_on = directory_ != nullptr || !waiting_.empty();
  if (!goes_on && now < next_walk_) return false;
  if (!goes_on) begin_walk();
  const Duration before = thread_cpu_time();
  const Duration deadline = before + budget;
  while ((directory_ || !waiting_.empty()) && met_ < kMostCgroups && thread_cpu_time() < deadline) {
    if (!directory_) enter_next_directory();
    for (int entries = 0; directory_ && entries < 64; ++entries) {
      const dirent* entry = next_entry(*directory_);
      if (entry == nullptr) {
        directory_.reset();
      } else if (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) {
        look_at(entry->d_name);
      }
    }
  }
  walk_took_ += thread_cpu_time() - before;
  const bool ended = !directory_ && waiting_.empty();
  if (ended || met_ >= kMostCgroups) {
    waiting_.clear();
    directory_.reset();
    next_walk_ = now + kRestPerCost * std::max(Duration{}, walk_took_ - kCheapWalk);
  }
  return ended && !goes_on;
}

void CgroupTree::begin_walk() {
  if (walked_.size() >= kMostCgroups) walked_.clear();
  if (const auto identity = root_.identity()) walked_.insert_or_assign(identity->inode, "/");
  waiting_ = {"/"};
  met_ = 0;
  walk_took_ = {};
}

void CgroupTree::enter_next_directory() {
  directory_path_ = std::move(waiting_.back());
  waiting_.pop_back();
  directory_ = open_stream(root_.fd(), relative(directory_path_));  // null where it was removed since
}

void CgroupTree::look_at(const char* name) {
  struct stat facts {};
  if (::fstatat(::dirfd(directory_.get()), name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (!S_ISDIR(facts.st_mode)) return;
  ++met_;
  waiting_.push_back((directory_path_ == "/" ? directory_path_ : directory_path_ + "/") + name);
  walked_.insert_or_assign(facts.st_ino, waiting_.back());
}

Result<std::vector<std::int32_t>> CgroupTree::pids_of(const std::string& path) const {
  const std::string file = std::string(relative(path)) + "/cgroup.procs";
  const auto text = root_.read_file(file.c_str(), kProcsCap);
  if (!text) return text.error();
  std::vector<std::int32_t> pids;
  for (const std::string_view line : split(*text, '\n')) {
    const auto pid = parse_integer<std::int32_t>(line);
    if (pid && *pid > 0) pids.push_back(*pid);  // 0 stands for a process of another pid namespace
  }
  return pids;
}

}  // namespace sockwatch
