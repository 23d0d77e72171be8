// SPDX-License-Identifier: Apache-2.0
// Reads a BPF ring buffer (BPF_MAP_TYPE_RINGBUF). What waits is mapped only while it is read: libbpf keeps
// all of the ring mapped, twice, so that one of 4 MiB counts as 8 MiB of resident memory for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "lib/base/result.h"

namespace sockwatch {

// Some pages of a file in memory.
class Mapping {
 public:
  Mapping() = default;
  // Not valid() where the kernel refuses; errno says why.
  Mapping(int fd, int protection, std::size_t offset, std::size_t length);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  bool valid() const { return address_ != nullptr; }
  std::byte* at(std::size_t offset) const { return address_ + offset; }

 private:
  std::byte* address_ = nullptr;
  std::size_t length_ = 0;
};

// The only reader of its ring. One thread.
class EventRing {
 public:
  // Valid during the call.
  using Take = std::function<void(std::span<const std::byte>)>;

  // `fd` is the map's and must outlive it; it is readable while something waits. `size` are its max_entries.
  static Result<EventRing> open(int fd, std::size_t size);

  // Hands over at most so many events, oldest first. False where none waited.
  bool drain(std::size_t most, const Take& take);

  // How often what waited had to be let go unread, for lack of memory.
  std::uint64_t let_go() const { return let_go_; }

 private:
  EventRing(int fd, std::size_t size, Mapping consumer, Mapping producer);

  int fd_;
  std::size_t size_;
  Mapping consumer_;  // its position; ours to write
  Mapping producer_;  // the kernel's
  std::uint64_t let_go_ = 0;
};

}  // namespace sockwatch
