// SPDX-License-Identifier: Apache-2.0
// The layout is of kernel/bpf/ringbuf.c: a page with the consumer's position, one with the producer's, the
// data, and the same data once more, so that what goes over the end is in one piece. Positions only grow.
#include "lib/bpf/event_ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "lib/bpf/kernel_memory.h"

namespace sockwatch {
namespace {

template <typename Word>
std::atomic_ref<Word> word_at(const Mapping& mapping, std::size_t offset = 0) {
  return std::atomic_ref(*reinterpret_cast<Word*>(mapping.at(offset)));
}

constexpr std::size_t whole_record(std::size_t length) {
  return (BPF_RINGBUF_HDR_SZ + length + 7) / 8 * 8;
}

}  // namespace

Mapping::Mapping(int fd, int protection, std::size_t offset, std::size_t length) : length_(length) {
  void* mapped = ::mmap(nullptr, length, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (mapped != MAP_FAILED) address_ = static_cast<std::byte*>(mapped);
}
Mapping::Mapping(Mapping&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)), length_(other.length_) {}
Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(length_, other.length_);
  return *this;
}
Mapping::~Mapping() {
  if (valid()) (void)::munmap(address_, length_);  // cannot fail with what mmap(2) gave
}

Result<EventRing> EventRing::open(int fd, std::size_t size) {
  Mapping consumer(fd, PROT_READ | PROT_WRITE, 0, page_size());
  if (!consumer.valid()) return Error::from_errno("bpf ring", errno);
  Mapping producer(fd, PROT_READ, page_size(), page_size());
  if (!producer.valid()) return Error::from_errno("bpf ring", errno);
  return EventRing(fd, size, std::move(consumer), std::move(producer));
}

EventRing::EventRing(int fd, std::size_t size, Mapping consumer, Mapping producer)
    : fd_(fd), size_(size), consumer_(std::move(consumer)), producer_(std::move(producer)) {}

bool EventRing::drain(std::size_t most, const Take& take) {
  const auto consumer = word_at<unsigned long>(consumer_);
  std::size_t position = consumer.load(std::memory_order_relaxed);  // nobody else writes it
  const std::size_t end = word_at<unsigned long>(producer_).load(std::memory_order_acquire);
  if (position == end) return false;

  const std::size_t first = position / page_size() * page_size();
  const Mapping waiting(fd_, PROT_READ, 2 * page_size() + first % size_, end - first);
  if (!waiting.valid()) {
    ++let_go_;
    consumer.store(end, std::memory_order_release);
    return true;
  }
  while (most > 0 && position < end) {
    const std::uint32_t header =
        word_at<std::uint32_t>(waiting, position - first).load(std::memory_order_acquire);
    if ((header & BPF_RINGBUF_BUSY_BIT) != 0) break;  // is being written
    const std::size_t length = header & ~BPF_RINGBUF_DISCARD_BIT;
    if ((header & BPF_RINGBUF_DISCARD_BIT) == 0) {
      take({waiting.at(position - first + BPF_RINGBUF_HDR_SZ), length});
      --most;
    }
    position += whole_record(length);
    consumer.store(position, std::memory_order_release);
  }
  return true;
}

}  // namespace sockwatch
