// SPDX-License-Identifier: Apache-2.0
// Another network namespace, made by a thread that has moved there and waits; gone with this. Needs
// CAP_SYS_ADMIN.
#pragma once

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <thread>

namespace sockwatch {

class NamespaceOfOwn {
 public:
  // What `inside` opens there stays open for as long as the caller keeps it.
  explicit NamespaceOfOwn(const std::function<void()>& inside = [] {}) {
    std::promise<void> ready;
    thread_ = std::thread([&] {
      if (::unshare(CLONE_NEWNET) == 0) {
        path_ = "/proc/self/task/" + std::to_string(::gettid()) + "/ns/net";
        struct stat facts {};
        if (::stat(path_.c_str(), &facts) == 0) inode_ = facts.st_ino;
        inside();
      } else {
        error_ = errno;
      }
      ready.set_value();
      over_.get_future().wait();
    });
    ready.get_future().wait();
  }
  ~NamespaceOfOwn() {
    over_.set_value();
    thread_.join();
  }
  NamespaceOfOwn(const NamespaceOfOwn&) = delete;  // the thread knows it
  NamespaceOfOwn& operator=(const NamespaceOfOwn&) = delete;

  int error() const { return error_; }  // errno, 0 where it was made
  const std::string& path() const { return path_; }
  std::uint64_t inode() const { return inode_; }

 private:
  int error_ = 0;
  std::string path_;
  std::uint64_t inode_ = 0;
  std::promise<void> over_;
  std::thread thread_;
};

}  // namespace sockwatch
