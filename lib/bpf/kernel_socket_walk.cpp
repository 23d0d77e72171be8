// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/kernel_socket_walk.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "kernel_sockets.skel.h"
#include "lib/bpf/kernel_sockets.h"

namespace sockwatch {
namespace {

// False where the walk was not read to its end.
bool read_cookies(const UniqueFd& walk, std::vector<std::uint64_t>& cookies) {
  std::array<std::uint64_t, 128> some;
  for (;;) {
    const ssize_t length = ::read(walk.get(), some.data(), sizeof(some));
    if (length < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (length < 0) return false;
    const auto count = static_cast<std::size_t>(length) / sizeof(some[0]);
    if (count == 0) return true;
    for (std::size_t i = 0; i < count; ++i) {
      if (some[i] == KERNEL_SOCKETS_END) return true;
      cookies.push_back(some[i]);
    }
  }
}

}  // namespace

void KernelSocketWalk::Free::operator()(kernel_sockets* skeleton) const {
  kernel_sockets__destroy(skeleton);
}

KernelSocketWalk::~KernelSocketWalk() = default;

Result<std::unique_ptr<KernelSocketWalk>> KernelSocketWalk::open() {
  ::libbpf_set_print(nullptr);
  std::unique_ptr<KernelSocketWalk> walk(new KernelSocketWalk);
  walk->skeleton_.reset(kernel_sockets__open());
  if (!walk->skeleton_) return Error::from_errno("bpf object", errno);
  if (const int status = kernel_sockets__load(walk->skeleton_.get()); status != 0)
    return Error::from_errno("bpf load", -status);
  if (const int status = kernel_sockets__attach(walk->skeleton_.get()); status != 0)
    return Error::from_errno("bpf attach", -status);
  return walk;
}

Result<KernelSocketWalk::Begun> KernelSocketWalk::begin() {
  Begun walk{UniqueFd(::bpf_iter_create(::bpf_link__fd(skeleton_->links.kernel_tcp))),
             UniqueFd(::bpf_iter_create(::bpf_link__fd(skeleton_->links.kernel_udp)))};
  if (!walk.tcp.valid() || !walk.udp.valid()) return Error::from_errno("bpf iterator", errno);
  return walk;
}

Result<std::vector<std::uint64_t>> KernelSocketWalk::finish(Begun walk) {
  std::vector<std::uint64_t> cookies;
  if (!read_cookies(walk.tcp, cookies) || !read_cookies(walk.udp, cookies))
    return Error::from_errno("walk over kernel sockets", errno);
  std::sort(cookies.begin(), cookies.end());
  return cookies;
}

}  // namespace sockwatch
