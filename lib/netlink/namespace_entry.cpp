// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/namespace_entry.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

// Brings the thread back where it came from.
class Visit {
 public:
  explicit Visit(UniqueFd home) : home_(std::move(home)) {}
  ~Visit() {
    // A thread that stays behind would from now on report another namespace's sockets as its own.
    if (::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
  }
  Visit(const Visit&) = delete;  // one way out, one way back
  Visit& operator=(const Visit&) = delete;

 private:
  UniqueFd home_;
};

// A pid may be another process's by now, and a mount another namespace's.
Result<UniqueFd> open_namespace(const std::string& path, std::uint64_t inode) {
  UniqueFd space(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!space.valid()) return Error::from_errno("open " + path, errno);
  struct stat facts {};
  if (::fstat(space.get(), &facts) != 0) return Error::from_errno("stat " + path, errno);
  if (facts.st_ino != inode) return Error::from_errno(path + " is another namespace now", ENOENT);
  return space;
}

}  // namespace

Result<std::unique_ptr<KernelChannel>> open_channel_in(const std::string& path, std::uint64_t inode,
                                                       const std::function<void()>& on_arrival) {
  const auto space = open_namespace(path, inode);
  if (!space.ok()) return space.error();
  UniqueFd home(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home.valid()) return Error::from_errno("open /proc/thread-self/ns/net", errno);
  if (::setns(space->get(), CLONE_NEWNET) != 0) return Error::from_errno("enter " + path, errno);
  const Visit visit(std::move(home));
  if (on_arrival) on_arrival();
  return KernelChannel::open(NamespaceId{inode});
}

}  // namespace sockwatch
