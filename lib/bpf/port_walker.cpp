// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/port_walker.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "lib/base/unique_fd.h"
#include "lib/bpf/port_record.h"
#include "port_walk.skel.h"

namespace sockwatch {
namespace {

// Adds what the walk tells, up to its end or to the first record without a port.
Result<void> walk(bpf_link* link, Protocol protocol, std::vector<PortClaim>& claims) {
  const UniqueFd file(::bpf_iter_create(::bpf_link__fd(link)));
  if (!file.valid()) return Error::from_errno("bpf iterator", errno);
  std::array<port_record, 64> records;
  for (;;) {
    const ssize_t length = ::read(file.get(), records.data(), sizeof(records));
    if (length < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (length < 0) return Error::from_errno("bpf iterator", errno);
    if (length == 0) return {};
    if (static_cast<std::size_t>(length) % sizeof(port_record) != 0)
      return Error{"bpf iterator: a record that is cut short"};
    for (std::size_t i = 0; i < static_cast<std::size_t>(length) / sizeof(port_record); ++i) {
      if (records[i].port == 0) return {};
      claims.push_back({protocol, records[i].port, records[i].inode});
    }
  }
}

}  // namespace

void PortWalker::Free::operator()(port_walk* skeleton) const {
  port_walk__destroy(skeleton);
}

PortWalker::~PortWalker() = default;

Result<std::unique_ptr<PortWalker>> PortWalker::open() {
  ::libbpf_set_print(nullptr);
  std::unique_ptr<PortWalker> walker(new PortWalker);
  walker->skeleton_.reset(port_walk__open());
  if (!walker->skeleton_) return Error::from_errno("bpf object", errno);
  if (const int status = port_walk__load(walker->skeleton_.get()); status != 0)
    return Error::from_errno("bpf load", -status);
  if (const int status = port_walk__attach(walker->skeleton_.get()); status != 0)
    return Error::from_errno("bpf attach", -status);
  return walker;
}

Result<std::vector<PortClaim>> PortWalker::ask() {
  std::vector<PortClaim> claims;
  if (auto walked = walk(skeleton_->links.tcp_ports, Protocol::Tcp, claims); !walked.ok())
    return walked.error();
  if (auto walked = walk(skeleton_->links.udp_ports, Protocol::Udp, claims); !walked.ok())
    return walked.error();
  return claims;
}

}  // namespace sockwatch
