// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/socket_holders.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/text.h"
#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

// What each piece of work counts against the budget: its opens and readlinks.
constexpr std::size_t kEnterCost = 2;
constexpr std::size_t kDescribeCost = 3;

// A directory's entries are read some dozens at a time.
constexpr std::size_t kEntriesPerStep = 16;

constexpr std::size_t kRingInfoCap = 64 * 1024;
constexpr std::size_t kRingsPerProcess = 4;
constexpr Duration kDearRing = std::chrono::milliseconds(2);
constexpr Duration kMostOnRings = std::chrono::milliseconds(20);

constexpr std::size_t kThreadsSearched = 1024;
constexpr std::size_t kTableCompared = 4096;

bool is_refusal(int code) {
  return code == EACCES || code == EPERM;
}

// "socket:[12345]".
std::optional<std::uint32_t> parse_socket_link(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return std::nullopt;
  return parse_integer<std::uint32_t>(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1));
}

std::vector<std::int32_t> table_in(const DirectoryStream& fds) {
  std::vector<std::int32_t> table;
  if (!fds) return table;
  while (const dirent* entry = next_entry(*fds)) {
    if (const auto fd = parse_integer<std::int32_t>(std::string_view(entry->d_name))) table.push_back(*fd);
    if (table.size() == kTableCompared) break;
  }
  return table;
}

}  // namespace

std::vector<std::uint32_t> parse_ring_sockets(std::string_view fdinfo) {
  std::vector<std::uint32_t> inodes;
  for (const std::string_view line : split(fdinfo, '\n')) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || !parse_integer<std::uint32_t>(trim(line.substr(0, colon))))
      continue;
    if (const auto inode = parse_socket_link(line.substr(colon + 2))) inodes.push_back(*inode);
  }
  return inodes;
}

bool RefusedProcesses::contains(const Dir& proc, std::int32_t pid) {
  const auto known = start_ticks_.find(pid);
  if (known == start_ticks_.end()) return false;
  if (known->second == 0) return true;  // stays so until the pid is gone from the list
  const auto process = open_process(proc, pid);
  if (!process) return false;
  const auto stat = read_process_stat(*process);
  if (stat && stat->start_ticks == known->second) return true;
  start_ticks_.erase(known);
  return false;
}

void RefusedProcesses::keep_only(std::span<const std::int32_t> pids) {
  std::erase_if(start_ticks_, [&](const auto& entry) {
    return !std::binary_search(pids.begin(), pids.end(), entry.first);
  });
}

HolderSearch::HolderSearch(std::vector<std::uint32_t> inodes, std::vector<std::int32_t> pids,
                           Thoroughness thoroughness)
    : inodes_(std::move(inodes)),
      pids_(std::move(pids)),
      found_(inodes_.size()),
      thoroughness_(thoroughness) {
  std::sort(inodes_.begin(), inodes_.end());
}

bool HolderSearch::looks_for(std::uint32_t inode) const {
  return std::binary_search(inodes_.begin(), inodes_.end(), inode);
}

std::size_t HolderSearch::step(const Dir& proc, RefusedProcesses& refused, std::size_t budget) {
  std::size_t spent = 0;
  while (spent < budget && !done()) {
    spent += current_ ? look_at_next_fd(refused) : enter_next_process(proc, refused);
  }
  return spent;
}

std::size_t HolderSearch::enter_next_process(const Dir& proc, RefusedProcesses& refused) {
  const std::int32_t pid = pids_[next_pid_++];
  if (refused.contains(proc, pid)) {
    ++denied_;
    return kEnterCost;
  }
  auto process = open_process(proc, pid);
  if (!process) {
    // hidepid= refuses here already. Else it ended since it was listed.
    if (process.error().is_refusal()) {
      refused.add({pid, 0});
      ++denied_;
    }
    return kEnterCost;
  }
  DirectoryStream fds = open_stream(process->fd(), "fd");
  if (fds) {
    current_.emplace(Process{pid, std::move(*process), std::move(fds)});
    if (thoroughness_ == Thoroughness::Everything && thread_count(current_->dir) > 1) {
      current_->threads = list_threads(current_->dir, kThreadsSearched);
      std::reverse(current_->threads.begin(), current_->threads.end());
    }
  } else if (is_refusal(errno)) {
    deny(*process, pid, refused);
  }
  return kEnterCost;
}

std::size_t HolderSearch::look_at_next_fd(RefusedProcesses& refused) {
  const dirent* entry = next_entry(*current_->fds);
  if (entry == nullptr) return leave_table();
  const auto fd = parse_integer<std::int32_t>(std::string_view(entry->d_name));
  if (fd && !current_->threads.empty() && current_->table.size() < kTableCompared)
    current_->table.push_back(*fd);
  // A longer target is cut off, and then no socket's.
  std::array<char, 64> link;
  const ssize_t n = ::readlinkat(::dirfd(current_->fds.get()), entry->d_name, link.data(), link.size());
  if (n < 0) {
    // With CAP_DAC_READ_SEARCH but without CAP_SYS_PTRACE the list is readable and each link refuses.
    if (is_refusal(errno)) {
      deny(current_->dir, current_->pid, refused);
      current_.reset();
    }
    return 1;
  }
  const std::string_view target(link.data(), static_cast<std::size_t>(n));
  if (target == "anon_inode:[io_uring]" && thoroughness_ == Thoroughness::Everything)
    return 1 + look_into_ring(entry->d_name);
  const auto inode = parse_socket_link(target);
  return 1 + (inode && fd && looks_for(*inode) ? note_hit(*inode, *fd) : 0);
}

// On to the next thread whose table is another; most share the process's. Where the first thread has ended,
// the process's table is empty and the others have it.
std::size_t HolderSearch::leave_table() {
  std::size_t cost = 0;
  while (!current_->threads.empty()) {
    const std::int32_t thread = current_->threads.back();
    current_->threads.pop_back();
    const std::string path = "task/" + std::to_string(thread) + "/fd";
    const Table table = table_in(open_stream(current_->dir.fd(), path.c_str()));
    cost += kEnterCost + table.size() / kEntriesPerStep;
    if (table.empty() || table == current_->table) continue;
    current_->thread = thread;
    current_->table.clear();
    current_->fds = open_stream(current_->dir.fd(), path.c_str());
    if (current_->fds) return cost;
  }
  current_.reset();
  return cost;
}

// Direct descriptors are files of the ring alone: no link of /proc/PID/fd shows them. The kernel writes the
// whole text before it hands out its first byte, all entries of the ring's queues among it.
std::size_t HolderSearch::look_into_ring(const char* fd) {
  if (current_->rings++ >= kRingsPerProcess || spent_on_rings_ >= kMostOnRings) {
    ++rings_skipped_;
    return 0;
  }
  const Duration before = thread_cpu_time();
  const auto fdinfo = current_->dir.read_file((std::string("fdinfo/") + fd).c_str(), kRingInfoCap);
  const Duration took = thread_cpu_time() - before;
  spent_on_rings_ += took;
  if (took > kDearRing) current_->rings = kRingsPerProcess;
  std::size_t cost = 1 + static_cast<std::size_t>(took / kStep);
  if (!fdinfo) {
    ++rings_skipped_;
    return cost;
  }
  for (const std::uint32_t inode : parse_ring_sockets(*fdinfo)) {
    if (looks_for(inode)) cost += note_hit(inode, -1);
    if (!current_) break;  // it ended
  }
  return cost;
}

// Several descriptors of a process may refer to one socket: it holds it once.
std::size_t HolderSearch::note_hit(std::uint32_t inode, std::int32_t fd) {
  std::size_t cost = 0;
  if (!current_->holder) {
    auto holder = read_holder(current_->dir, current_->pid);
    cost = kDescribeCost;
    if (!holder) {  // it ended between the link and its name
      current_.reset();
      return cost;
    }
    current_->holder = std::move(*holder);
  }
  found_.add({inode, *current_->holder, fd, current_->thread});
  return cost;
}

void HolderSearch::deny(const Dir& process, std::int32_t pid, RefusedProcesses& refused) {
  const auto stat = read_process_stat(process);
  refused.add({pid, stat ? stat->start_ticks : 0});
  ++denied_;
}

}  // namespace sockwatch
