// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/bpf_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/bpf/event_record.h"
#include "lib/bpf/listen_event.h"
#include "listen_events.skel.h"

namespace sockwatch {
namespace {

// An alert must not wait behind a flood: the rest comes with the next call.
constexpr std::size_t kEventsPerDrain = 512;

// The v2 tree, also where v1 controllers stand beside it. Anything else there, as `ip netns exec` leaves it,
// would be refused with a number that names nothing.
Result<UniqueFd> open_cgroup_root(const std::string& root) {
  const std::string hybrid = root + "/unified";
  struct stat facts {};
  const std::string& path = ::stat((hybrid + "/cgroup.procs").c_str(), &facts) == 0 ? hybrid : root;
  UniqueFd tree(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!tree.valid()) return Error::from_errno(path, errno);
  struct statfs mounted {};
  if (::fstatfs(tree.get(), &mounted) != 0) return Error::from_errno(path, errno);
  if (mounted.f_type != CGROUP2_SUPER_MAGIC) return Error{path + ": no cgroup2 is mounted there"};
  return tree;
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

// One program that a kernel refuses must not cost the others: those of UDP are tried, and left out where they
// fail.
Result<void> BpfSource::load(const Options& options) {
  Udp udp = Udp::Life;
  for (int status = load(options, udp); status != 0; status = load(options, udp)) {
    const Error error = Error::from_errno("bpf load", -status);
    if (udp == Udp::Nothing) return error;
    missing_ = (udp == Udp::Life ? "udp connects: " : "udp binds: ") + error.message;
    udp = udp == Udp::Life ? Udp::Binds : Udp::Nothing;
  }
  skeleton_->links.listen_state = ::bpf_program__attach(skeleton_->progs.listen_state);
  if (skeleton_->links.listen_state == nullptr) return Error::from_errno("bpf attach", errno);
  if (udp != Udp::Nothing) attach_udp(options, udp);
  return open_rings();
}

int BpfSource::load(const Options& options, Udp udp) {
  skeleton_.reset(listen_events__open());
  if (!skeleton_) return -errno;
  auto& programs = skeleton_->progs;
  for (auto* program : {programs.listen_bind4, programs.listen_bind6})
    ::bpf_program__set_autoload(program, udp != Udp::Nothing);
  for (auto* program : {programs.choose_port4, programs.choose_port6, programs.get_peer4, programs.get_peer6,
                        programs.release_socket})
    ::bpf_program__set_autoload(program, udp == Udp::Life);
  skeleton_->rodata->knows_port_choice = udp == Udp::Life;
  skeleton_->rodata->first_assigned_port = options.first_assigned_port;
  skeleton_->rodata->last_assigned_port = options.last_assigned_port;
  return listen_events__load(skeleton_.get());
}

// Those that see the choice of a port come first: without them every bind would be taken for a choice.
void BpfSource::attach_udp(const Options& options, Udp udp) {
  const auto cgroup = open_cgroup_root(options.cgroup_root);
  if (!cgroup.ok()) {
    missing_ = "udp binds: " + cgroup.error().message;
    return;
  }
  // A link of its own stands beside any other program there and goes with its descriptor.
  const auto attach = [&](bpf_program* program, bpf_link*& link, const char* what) {
    link = ::bpf_program__attach_cgroup(program, cgroup.value().get());
    if (link == nullptr) missing_ = Error::from_errno(what, errno).message;
    return link != nullptr;
  };
  auto& programs = skeleton_->progs;
  auto& links = skeleton_->links;
  if (udp == Udp::Life) {
    if (!attach(programs.choose_port4, links.choose_port4, "udp ports over IPv4")) return;
    if (!attach(programs.choose_port6, links.choose_port6, "udp ports over IPv6")) return;
    (void)attach(programs.get_peer4, links.get_peer4, "udp connects over IPv4");
    (void)attach(programs.get_peer6, links.get_peer6, "udp connects over IPv6");
    (void)attach(programs.release_socket, links.release_socket, "udp closes");
  }
  (void)attach(programs.listen_bind4, links.listen_bind4, "udp binds over IPv4");
  (void)attach(programs.listen_bind6, links.listen_bind6, "udp binds over IPv6");
}

Result<void> BpfSource::open_rings() {
  both_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!both_.valid()) return Error::from_errno("bpf rings", errno);
  const std::pair<bpf_map*, std::optional<EventRing>*> rings[] = {{skeleton_->maps.events, &ring_},
                                                                  {skeleton_->maps.udp_events, &udp_ring_}};
  for (const auto& [map, opened] : rings) {
    const int fd = ::bpf_map__fd(map);
    auto ring = EventRing::open(fd, ::bpf_map__max_entries(map));
    if (!ring.ok()) return ring.error();
    *opened = *std::move(ring);
    epoll_event readable{EPOLLIN, {}};
    if (::epoll_ctl(both_.get(), EPOLL_CTL_ADD, fd, &readable) != 0)
      return Error::from_errno("bpf rings", errno);
  }
  return {};
}

int BpfSource::fd() const {
  return both_.get();
}

bool BpfSource::drain(EventSink& sink) {
  const auto hand_on = [&](std::span<const std::byte> bytes) { take(bytes, sink); };
  const bool tcp = ring_->drain(kEventsPerDrain, hand_on);
  return udp_ring_->drain(kEventsPerDrain, hand_on) || tcp;
}

void BpfSource::take(std::span<const std::byte> bytes, EventSink& sink) const {
  static const long kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
  const auto event = decode_listen_event(bytes, SystemClock().now(), kTicksPerSecond);
  if (event && (all_namespaces_ || event->record.id.name_space == name_space_)) sink.accept(*event);
}

std::uint64_t BpfSource::lost() const {
  return std::atomic_ref(skeleton_->bss->lost_events).load(std::memory_order_relaxed) + ring_->let_go() +
         udp_ring_->let_go();
}

std::optional<EventLoss> BpfSource::lost_most() const {
  EventLoss most;
  for (event_share& share : skeleton_->bss->event_shares) {
    const std::uint64_t events = std::atomic_ref(share.lost).load(std::memory_order_relaxed);
    if (events > most.events) most = {std::atomic_ref(share.uid).load(std::memory_order_relaxed), events};
  }
  return most.events > 0 ? std::optional(most) : std::nullopt;
}

}  // namespace sockwatch
