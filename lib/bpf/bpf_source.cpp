// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/bpf_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "lib/base/unique_fd.h"
#include "lib/bpf/event_record.h"
#include "listen_events.skel.h"

namespace sockwatch {
namespace {

// An alert must not wait behind a flood: the rest comes with the next call.
constexpr std::size_t kEventsPerDrain = 512;

// The v2 tree, also where v1 controllers stand beside it.
UniqueFd open_cgroup_root(const std::string& root) {
  const std::string hybrid = root + "/unified";
  struct stat facts {};
  const std::string& path = ::stat((hybrid + "/cgroup.procs").c_str(), &facts) == 0 ? hybrid : root;
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

void BpfSource::Free::operator()(listen_events* skeleton) const {
  listen_events__destroy(skeleton);
}

BpfSource::~BpfSource() = default;

Result<std::unique_ptr<BpfSource>> BpfSource::open(const Options& options) {
  // Where the kernel does not tell a socket its namespace's cookie, no event could be told to be ours.
  if (options.name_space == NamespaceId{}) return Error{"bpf: needs Linux 5.14 (SO_NETNS_COOKIE)"};
  ::libbpf_set_print(nullptr);  // its errors come back as numbers; its words go to standard error
  std::unique_ptr<BpfSource> source(new BpfSource(options.name_space, options.all_namespaces));
  if (auto loaded = source->load(options); !loaded.ok()) return loaded.error();
  return source;
}

// One program that a kernel refuses must not cost the others: the UDP ones are tried, and left out where they
// fail.
Result<void> BpfSource::load(const Options& options) {
  for (const bool with_binds : {true, false}) {
    skeleton_.reset(listen_events__open());
    if (!skeleton_) return Error::from_errno("bpf object", errno);
    ::bpf_program__set_autoload(skeleton_->progs.listen_bind4, with_binds);
    ::bpf_program__set_autoload(skeleton_->progs.listen_bind6, with_binds);
    const int status = listen_events__load(skeleton_.get());
    if (status == 0) break;
    if (!with_binds) return Error::from_errno("bpf load", -status);
    missing_ = "udp binds: " + Error::from_errno("bpf load", -status).message;
  }
  skeleton_->links.listen_state = ::bpf_program__attach(skeleton_->progs.listen_state);
  if (skeleton_->links.listen_state == nullptr) return Error::from_errno("bpf attach", errno);
  if (missing_.empty()) attach_binds(options);
  auto ring = EventRing::open(fd(), ::bpf_map__max_entries(skeleton_->maps.events));
  if (!ring.ok()) return ring.error();
  ring_ = *std::move(ring);
  return {};
}

void BpfSource::attach_binds(const Options& options) {
  const UniqueFd cgroup = open_cgroup_root(options.cgroup_root);
  if (!cgroup.valid()) {
    missing_ = Error::from_errno("udp binds: cgroup tree", errno).message;
    return;
  }
  // A link of its own stands beside any other program there and goes with its descriptor.
  skeleton_->links.listen_bind4 = ::bpf_program__attach_cgroup(skeleton_->progs.listen_bind4, cgroup.get());
  if (skeleton_->links.listen_bind4 == nullptr)
    missing_ = Error::from_errno("udp binds over IPv4", errno).message;
  skeleton_->links.listen_bind6 = ::bpf_program__attach_cgroup(skeleton_->progs.listen_bind6, cgroup.get());
  if (skeleton_->links.listen_bind6 == nullptr)
    missing_ = Error::from_errno("udp binds over IPv6", errno).message;
}

int BpfSource::fd() const {
  return ::bpf_map__fd(skeleton_->maps.events);
}

bool BpfSource::drain(EventSink& sink) {
  return ring_->drain(kEventsPerDrain, [&](std::span<const std::byte> bytes) { take(bytes, sink); });
}

void BpfSource::take(std::span<const std::byte> bytes, EventSink& sink) const {
  static const long kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
  const auto event = decode_listen_event(bytes, SystemClock().now(), kTicksPerSecond);
  if (event && (all_namespaces_ || event->record.id.name_space == name_space_)) sink.accept(*event);
}

std::uint64_t BpfSource::lost() const {
  return std::atomic_ref(skeleton_->bss->lost_events).load(std::memory_order_relaxed) + ring_->let_go();
}

}  // namespace sockwatch
