// SPDX-License-Identifier: Apache-2.0
// The network namespaces of a machine, as far as files tell: those that processes are in, and those that are
// mounted somewhere, as ip-netns(8) and container engines do. Holds none of them open: what is found is a
// path by which one can be entered, as long as it lives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/dir.h"
#include "lib/base/result.h"

namespace sockwatch {

struct NetNamespace {
  std::uint64_t inode = 0;
  // Its name in /run/netns, else that of the container one of its processes is in ("docker:0123456789ab"),
  // else "net:[inode]".
  std::string name;
  // Where it can be opened; the mounts first, because processes end. Paths of processes are below the /proc
  // that was searched.
  std::vector<std::string> paths;
};

struct NetNamespaces {
  std::uint64_t own = 0;             // the one we are in; not among the others
  std::vector<NetNamespace> others;  // by inode
  std::vector<std::int32_t> hidden;  // processes that do not show us theirs (CAP_SYS_PTRACE), ascending
};

// One readlink a process and a thread, of which a bounded number is asked, some 2 us each, in parts. The Dir
// is the same each time.
class NetNamespaceSearch {
 public:
  // Those of `refused`, ascending, are taken for hidden and not asked: each refusal may be a line in an audit
  // log.
  static Result<NetNamespaceSearch> begin(const Dir& proc, std::vector<std::int32_t> refused);
  // Asks so many processes. True while there are more.
  bool step(const Dir& proc, std::size_t processes);
  // When none are left.
  NetNamespaces finish() &&;

 private:
  NetNamespaceSearch(std::vector<std::int32_t> pids, std::vector<std::int32_t> refused)
      : pids_(std::move(pids)), refused_(std::move(refused)) {}
  void ask(const Dir& proc, std::int32_t pid);
  void ask_threads(const Dir& proc, std::int32_t pid);
  void add(const Dir& proc, std::int32_t pid, std::uint64_t inode, const std::string& link);

  std::vector<std::int32_t> pids_;
  std::vector<std::int32_t> refused_;
  std::size_t next_ = 0;
  std::size_t threads_asked_ = 0;
  NetNamespaces all_;
  std::map<std::uint64_t, NetNamespace> found_;
};

// All of it at once.
Result<NetNamespaces> find_net_namespaces(const Dir& proc, std::span<const std::int32_t> refused = {});

// That of one process, if it runs and shows it.
std::optional<std::uint64_t> net_namespace_of(const Dir& proc, std::int32_t pid);
// What a search would say of this one that finds this process only; nothing where neither the process nor one
// of its threads is in it.
std::optional<NetNamespace> net_namespace_by(const Dir& proc, std::int32_t pid, std::uint64_t inode);

// "net:[4026531840]"; nullopt for anything else.
std::optional<std::uint64_t> parse_net_namespace(std::string_view link);
std::string net_namespace_link(std::uint64_t inode);

// The nsfs mounts of a proc_pid_mountinfo(5): the inode, and where it is mounted.
struct MountedNamespace {
  std::uint64_t inode = 0;
  std::string path;
};
std::vector<MountedNamespace> parse_namespace_mounts(std::string_view mountinfo);

}  // namespace sockwatch
