// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/perf_source.h"

#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/base/dir.h"
#include "lib/base/text.h"
#include "lib/bpf/kernel_memory.h"

namespace sockwatch {
namespace {

constexpr std::size_t kRingBytes = 512 * 1024;  // about 4,500 events a CPU; a power of two, as pages are

constexpr std::size_t kLargestRecord = 1024;  // ours are some hundred bytes

// In the kernel, so that the states of ordinary connections cost next to nothing. 10 is LISTEN, 7 is CLOSE.
// SCTP comes by here, too, and MPTCP beside the TCP subflow that listens for it.
constexpr const char* kFilter =
    "protocol == 6 && ((newstate == 10 && oldstate != 10) || (oldstate == 10 && newstate == 7))";

constexpr std::uint64_t kFormatLost = 1U << 4;  // PERF_FORMAT_LOST, Linux 6.0

// What precedes the tracepoint's own bytes, in the order that perf_event_open(2) gives for our sample_type.
struct SampleHead {
  perf_event_header header;
  std::uint32_t pid;
  std::uint32_t tid;
  std::uint64_t time;
  std::uint32_t raw_size;
};
constexpr std::size_t kSampleHead = 8 + 8 + 8 + 4;

struct LostRecord {
  perf_event_header header;
  std::uint64_t id;
  std::uint64_t lost;
};

// What read(2) gives, by our read_format.
struct Counters {
  std::uint64_t events;
  std::uint64_t lost;
};

perf_event_attr attributes(std::uint64_t tracepoint) {
  perf_event_attr attr{};
  attr.type = PERF_TYPE_TRACEPOINT;
  attr.size = sizeof(attr);
  attr.config = tracepoint;
  attr.sample_period = 1;
  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW;
  attr.read_format = kFormatLost;
  attr.wakeup_events = 1;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  return attr;
}

UniqueFd open_event(perf_event_attr& attr, int cpu) {
  return UniqueFd(static_cast<int>(::syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
}

perf_event_mmap_page& control_of(void* memory) {
  return *static_cast<perf_event_mmap_page*>(memory);
}

}  // namespace

Result<std::unique_ptr<PerfSource>> PerfSource::open(const std::string& tracefs, NamespaceId name_space) {
  const auto directory = Dir::open(tracefs + "/events/sock/inet_sock_set_state");
  if (!directory.ok()) return directory.error();
  const auto format = directory->read_file("format", 64 * 1024);
  if (!format.ok()) return format.error();
  const auto id = directory->read_file("id", 64);
  if (!id.ok()) return id.error();
  const auto number = parse_integer<std::uint64_t>(trim(*id));
  auto layout = parse_tracepoint_format(*format);
  if (!layout.ok()) return layout.error();
  if (!number) return Error{"tracepoint id: \"" + printable(trim(*id)) + "\", expected a number"};

  std::unique_ptr<PerfSource> source(new PerfSource(name_space));
  source->layout_ = *layout;
  source->epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!source->epoll_.valid()) return Error::from_errno("epoll", errno);
  const int cpus = static_cast<int>(::sysconf(_SC_NPROCESSORS_CONF));
  for (int cpu = 0; cpu < cpus; ++cpu) {
    auto added = source->add_cpu(cpu, *number);
    if (!added.ok() && added.error().code != ENODEV) return added.error();  // ENODEV: a CPU that is offline
  }
  return source;
}

Result<void> PerfSource::add_cpu(int cpu, std::uint64_t tracepoint) {
  perf_event_attr attr = attributes(tracepoint);
  Ring ring;
  ring.fd = open_event(attr, cpu);
  if (!ring.fd.valid() && errno == EINVAL) {
    attr.read_format = 0;
    counts_lost_ = false;
    ring.fd = open_event(attr, cpu);
  }
  if (!ring.fd.valid()) return Error::from_errno("perf_event_open", errno);
  if (::ioctl(ring.fd.get(), PERF_EVENT_IOC_SET_FILTER, kFilter) != 0)
    return Error::from_errno("perf filter", errno);
  void* memory =
      ::mmap(nullptr, page_size() + kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd.get(), 0);
  if (memory == MAP_FAILED) return Error::from_errno("perf ring", errno);
  ring.memory = memory;
  epoll_event event{};
  event.events = EPOLLIN;
  const bool watched = ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, ring.fd.get(), &event) == 0;
  rings_.push_back(std::move(ring));
  return watched ? Result<void>() : Error::from_errno("epoll", errno);
}

PerfSource::~PerfSource() {
  for (Ring& ring : rings_)
    (void)::munmap(ring.memory, page_size() + kRingBytes);  // fails only for what is no mapping
}

// A process may begin to listen on one CPU and stop on another: what the rings hold is told in its order in
// time.
bool PerfSource::drain(EventSink& sink) {
  events_.clear();
  bool any = false;
  for (Ring& ring : rings_) any = read(ring) || any;
  if (std::exchange(was_full_, false) && counts_lost_) count_losses();
  std::stable_sort(events_.begin(), events_.end(), [](const SocketEvent& a, const SocketEvent& b) {
    return a.time.monotonic < b.time.monotonic;
  });
  for (const SocketEvent& event : events_) sink.accept(event);
  return any;
}

// At most what the ring holds.
bool PerfSource::read(Ring& ring) {
  perf_event_mmap_page& control = control_of(ring.memory);
  const auto* bytes = static_cast<const std::byte*>(ring.memory) + page_size();
  // The kernel publishes data_head after the data, and reuses what lies before data_tail.
  const std::uint64_t head = std::atomic_ref(control.data_head).load(std::memory_order_acquire);
  const std::uint64_t oldest = control.data_tail;
  std::uint64_t tail = oldest;
  while (tail < head) {
    const auto header = read_at<perf_event_header>({bytes, kRingBytes}, tail % kRingBytes);
    if (header.size < sizeof(header) || header.size > head - tail) {
      tail = head;  // not written by a kernel: nothing in it can be trusted
      break;
    }
    record_.resize(header.size);
    const std::size_t at = tail % kRingBytes;
    const std::size_t first = std::min<std::size_t>(header.size, kRingBytes - at);
    std::memcpy(record_.data(), bytes + at, first);
    std::memcpy(record_.data() + first, bytes, header.size - first);
    take(record_);
    tail += header.size;
  }
  // The kernel had only this much room until now, also while the above went on.
  const std::uint64_t latest = std::atomic_ref(control.data_head).load(std::memory_order_acquire);
  was_full_ = was_full_ || latest - oldest > kRingBytes - kLargestRecord;
  std::atomic_ref(control.data_tail).store(tail, std::memory_order_release);
  return head != oldest;
}

void PerfSource::take(std::span<const std::byte> record) {
  const auto header = read_at<perf_event_header>(record, 0);
  if (header.type == PERF_RECORD_LOST && record.size() >= sizeof(LostRecord)) {
    if (!counts_lost_) lost_ += read_at<LostRecord>(record, 0).lost;
    return;
  }
  if (header.type != PERF_RECORD_SAMPLE || record.size() < kSampleHead) return;
  const std::uint32_t size = read_at<std::uint32_t>(record, offsetof(SampleHead, raw_size));
  if (size > record.size() - kSampleHead) return;
  const MonotonicTime then{
      std::chrono::nanoseconds(read_at<std::uint64_t>(record, offsetof(SampleHead, time)))};
  const Instant now = SystemClock().now();
  const SampleContext context{
      name_space_,
      static_cast<std::int32_t>(read_at<std::uint32_t>(record, offsetof(SampleHead, pid))),
      {then, now.wall - (now.monotonic - then)}};
  if (auto event = decode_tracepoint(record.subspan(kSampleHead, size), layout_, context))
    events_.push_back(*std::move(event));
}

// A record of a loss comes with the next event that finds room: in a quiet time, never. So the kernel's
// counters are read, but only when a ring was full: each read interrupts the CPU that is asked about.
void PerfSource::count_losses() {
  lost_ = 0;
  for (const Ring& ring : rings_) {
    Counters counters{};
    if (::read(ring.fd.get(), &counters, sizeof(counters)) == sizeof(counters)) lost_ += counters.lost;
  }
}

}  // namespace sockwatch
