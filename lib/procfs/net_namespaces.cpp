// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/net_namespaces.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "lib/base/text.h"
#include "lib/procfs/cgroup_path.h"
#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

constexpr std::size_t kMountsCap = 16 * 1024 * 1024;
constexpr std::size_t kCgroupFileCap = 65536;
// Processes end: while one of these lives, the namespace needs no new search.
constexpr std::size_t kPathsKept = 4;
// Of one process, and of all in one search.
constexpr std::size_t kThreadsAskedForNamespace = 1024;
constexpr std::size_t kThreadsOfAll = 8192;

constexpr std::string_view kLinkStart = "net:[";
// Where ip-netns(8) mounts what it names; /var/run is a link to /run.
constexpr std::string_view kNamedPlaces[] = {"/run/netns/", "/var/run/netns/"};

std::string link_of(std::int32_t pid) {
  return std::to_string(pid) + "/ns/net";
}

std::string link_of(std::int32_t pid, std::int32_t thread) {
  return std::to_string(pid) + "/task/" + std::to_string(thread) + "/ns/net";
}

std::optional<std::uint64_t> inode_in(const Dir& proc, const std::string& link) {
  const auto target = proc.read_link(link.c_str());
  return target ? parse_net_namespace(*target) : std::nullopt;
}

// proc_pid_mountinfo(5) writes blanks and backslashes as three octal digits.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i + 1, 3);
    const bool escaped = text[i] == '\\' && digits.size() == 3;
    const auto code = escaped ? parse_integer<std::uint8_t>(digits, 8) : std::nullopt;
    plain += code ? static_cast<char>(*code) : text[i];
    if (code) i += digits.size();
  }
  return plain;
}

std::string name_in_run_netns(std::string_view path) {
  for (const std::string_view place : kNamedPlaces) {
    if (path.starts_with(place)) return std::string(path.substr(place.size()));
  }
  return {};
}

std::string container_of(const Dir& proc, std::int32_t pid) {
  const auto text = proc.read_file((std::to_string(pid) + "/cgroup").c_str(), kCgroupFileCap);
  return text ? parse_cgroup_path(pick_cgroup_path(*text)).container : std::string();
}

void add_mounted(const Dir& proc, std::map<std::uint64_t, NetNamespace>& found) {
  const auto mounts = proc.read_file("self/mountinfo", kMountsCap);
  if (!mounts) return;  // names are missing then, and what no process is in
  for (MountedNamespace& mounted : parse_namespace_mounts(*mounts)) {
    NetNamespace& space = found[mounted.inode];
    if (space.name.empty()) space.name = name_in_run_netns(mounted.path);
    if (space.paths.size() < kPathsKept) space.paths.push_back(std::move(mounted.path));
  }
}

}  // namespace

std::optional<std::uint64_t> parse_net_namespace(std::string_view link) {
  if (!link.starts_with(kLinkStart) || !link.ends_with(']')) return std::nullopt;
  return parse_integer<std::uint64_t>(link.substr(kLinkStart.size(), link.size() - kLinkStart.size() - 1));
}

std::string net_namespace_link(std::uint64_t inode) {
  return std::string(kLinkStart) + std::to_string(inode) + "]";
}

std::optional<std::uint64_t> net_namespace_of(const Dir& proc, std::int32_t pid) {
  return inode_in(proc, link_of(pid));
}

std::optional<NetNamespace> net_namespace_by(const Dir& proc, std::int32_t pid, std::uint64_t inode) {
  std::string link = link_of(pid);
  if (net_namespace_of(proc, pid) != inode) {
    const auto process = open_process(proc, pid);
    if (!process) return std::nullopt;
    const std::vector<std::int32_t> threads = list_threads(*process, kThreadsAskedForNamespace);
    const auto there = std::find_if(threads.begin(), threads.end(), [&](std::int32_t thread) {
      return inode_in(proc, link_of(pid, thread)) == inode;
    });
    if (there == threads.end()) return std::nullopt;
    link = link_of(pid, *there);
  }
  std::string name = container_of(proc, pid);
  return NetNamespace{
      inode, name.empty() ? net_namespace_link(inode) : std::move(name), {proc.path() + "/" + link}};
}

std::vector<MountedNamespace> parse_namespace_mounts(std::string_view mountinfo) {
  constexpr std::size_t kRoot = 3;
  constexpr std::size_t kPlace = 4;
  std::vector<MountedNamespace> mounted;
  for (const std::string_view line : split(mountinfo, '\n')) {
    if (line.find(kLinkStart) == std::string_view::npos) continue;  // nearly all
    const std::vector<std::string_view> fields = split(line, ' ');
    if (fields.size() <= kPlace) continue;
    if (const auto inode = parse_net_namespace(fields[kRoot]))
      mounted.push_back({*inode, without_escapes(fields[kPlace])});
  }
  return mounted;
}

Result<NetNamespaceSearch> NetNamespaceSearch::begin(const Dir& proc, std::vector<std::int32_t> refused) {
  auto pids = list_pids(proc);
  if (!pids) return pids.error();
  return NetNamespaceSearch(*std::move(pids), std::move(refused));
}

bool NetNamespaceSearch::step(const Dir& proc, std::size_t processes) {
  if (next_ == 0) {
    if (const auto link = proc.read_link("self/ns/net")) all_.own = parse_net_namespace(*link).value_or(0);
    add_mounted(proc, found_);
  }
  const std::size_t end = std::min(pids_.size(), next_ + processes);
  while (next_ < end) ask(proc, pids_[next_++]);
  return next_ < pids_.size();
}

void NetNamespaceSearch::ask(const Dir& proc, std::int32_t pid) {
  if (std::binary_search(refused_.begin(), refused_.end(), pid)) {
    all_.hidden.push_back(pid);
    return;
  }
  const auto link = proc.read_link(link_of(pid).c_str());
  if (!link && link.error().code == EACCES) all_.hidden.push_back(pid);
  if (const auto inode = link ? parse_net_namespace(*link) : std::nullopt) {
    add(proc, pid, *inode, link_of(pid));
    ask_threads(proc, pid);
  }
}

// A thread may have entered another namespace than its process is in; programs in Go do so by accident.
void NetNamespaceSearch::ask_threads(const Dir& proc, std::int32_t pid) {
  const std::size_t left = kThreadsOfAll - threads_asked_;
  const auto process = open_process(proc, pid);
  if (left == 0 || !process || thread_count(*process) < 2) return;
  const std::vector<std::int32_t> threads = list_threads(*process, std::min(left, kThreadsAskedForNamespace));
  threads_asked_ += threads.size();
  for (const std::int32_t thread : threads) {
    const std::string link = link_of(pid, thread);
    const auto inode = thread == pid ? std::nullopt : inode_in(proc, link);
    if (inode) add(proc, pid, *inode, link);
  }
}

void NetNamespaceSearch::add(const Dir& proc, std::int32_t pid, std::uint64_t inode,
                             const std::string& link) {
  if (inode == all_.own) return;
  NetNamespace& space = found_[inode];
  if (space.name.empty()) space.name = container_of(proc, pid);
  if (space.paths.size() < kPathsKept) space.paths.push_back(proc.path() + "/" + link);
}

NetNamespaces NetNamespaceSearch::finish() && {
  found_.erase(all_.own);
  for (auto& [inode, space] : found_) {
    space.inode = inode;
    if (space.name.empty()) space.name = net_namespace_link(inode);
    all_.others.push_back(std::move(space));
  }
  return std::move(all_);
}

Result<NetNamespaces> find_net_namespaces(const Dir& proc, std::span<const std::int32_t> refused) {
  auto search = NetNamespaceSearch::begin(proc, {refused.begin(), refused.end()});
  if (!search) return search.error();
  while (search->step(proc, SIZE_MAX / 2)) {
  }
  return std::move(*search).finish();
}

}  // namespace sockwatch
