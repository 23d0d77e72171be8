// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/socket_holders.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "lib/base/text.h"
#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

// What each piece of work counts against the budget: its opens and readlinks.
constexpr std::size_t kEnterCost = 2;
constexpr std::size_t kDescribeCost = 3;

constexpr std::size_t kSocketInfoCap = 64 * 1024;
constexpr std::size_t kRingInfoCap = 4 * 1024 * 1024;

bool is_refusal(int code) {
  return code == EACCES || code == EPERM;
}

// "socket:[12345]".
std::optional<std::uint32_t> parse_socket_link(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return std::nullopt;
  return parse_integer<std::uint32_t>(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1));
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

bool carries_descriptors(std::string_view fdinfo) {
  constexpr std::string_view kKey = "scm_fds:";
  for (const std::string_view line : split(fdinfo, '\n')) {
    if (line.starts_with(kKey))
      return parse_integer<std::uint32_t>(trim(line.substr(kKey.size()))).value_or(0) > 0;
  }
  return false;
}

HolderSearch::HolderSearch(std::vector<std::uint32_t> inodes, std::vector<std::int32_t> pids,
                           Thoroughness thoroughness)
    : inodes_(std::move(inodes)), pids_(std::move(pids)), thoroughness_(thoroughness) {
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
    current_.emplace(Process{pid, std::move(*process), std::move(fds), found_.size(), std::nullopt});
  } else if (is_refusal(errno)) {
    deny(*process, pid, refused);
  }
  return kEnterCost;
}

std::size_t HolderSearch::look_at_next_fd(RefusedProcesses& refused) {
  const dirent* entry = next_entry(*current_->fds);
  if (entry == nullptr) {
    current_.reset();
    return 0;
  }
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
  if (target == "anon_inode:[io_uring]") return 1 + look_into_ring(entry->d_name);
  const auto inode = parse_socket_link(target);
  if (inode && looks_for(*inode)) return 1 + note_hit(*inode);
  const bool may_carry = inode && thoroughness_ == Thoroughness::HoldersAndCarriers;
  return 1 + (may_carry ? look_for_load(entry->d_name) : 0);
}

std::size_t HolderSearch::look_for_load(const char* fd) {
  const auto fdinfo = current_->dir.read_file((std::string("fdinfo/") + fd).c_str(), kSocketInfoCap);
  if (fdinfo && carries_descriptors(*fdinfo)) ++carriers_;
  return 1;
}

// Direct descriptors are files of the ring alone: no link of /proc/PID/fd shows them.
std::size_t HolderSearch::look_into_ring(const char* fd) {
  const auto fdinfo = current_->dir.read_file((std::string("fdinfo/") + fd).c_str(), kRingInfoCap);
  if (!fdinfo) return 1;
  std::size_t cost = 1;
  for (const std::uint32_t inode : parse_ring_sockets(*fdinfo)) {
    if (looks_for(inode)) cost += note_hit(inode);
    if (!current_) break;  // it ended
  }
  return cost;
}

// Several descriptors of a process may refer to one socket: it holds it once.
std::size_t HolderSearch::note_hit(std::uint32_t inode) {
  const auto first = found_.begin() + static_cast<std::ptrdiff_t>(current_->found_before);
  if (std::any_of(first, found_.end(), [&](const HeldSocket& held) { return held.inode == inode; })) return 0;
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
  found_.push_back({inode, *current_->holder});
  return cost;
}

void HolderSearch::deny(const Dir& process, std::int32_t pid, RefusedProcesses& refused) {
  const auto stat = read_process_stat(process);
  refused.add({pid, stat ? stat->start_ticks : 0});
  ++denied_;
}

}  // namespace sockwatch
