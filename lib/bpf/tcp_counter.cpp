// SPDX-License-Identifier: Apache-2.0
#include "lib/bpf/tcp_counter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <vector>

#include "lib/base/unique_fd.h"
#include "lib/bpf/tcp_count.h"
#include "lib/bpf/tcp_count_record.h"
#include "tcp_counts.skel.h"

namespace sockwatch {
namespace {

struct Counted {
  tcp_place place;
  tcp_tally tally;
};

// Leaves the map empty.
Result<std::vector<Counted>> take_all(int map) {
  constexpr std::size_t kAtOnce = 256;  // more than fall into one chain of the kernel's hash
  std::array<tcp_place, kAtOnce> places;
  std::array<tcp_tally, kAtOnce> tallies;
  std::vector<Counted> all;
  std::uint32_t position = 0;
  for (std::uint32_t* from = nullptr;; from = &position) {
    std::uint32_t count = kAtOnce;
    const int status = ::bpf_map_lookup_and_delete_batch(map, from, &position, places.data(), tallies.data(),
                                                         &count, nullptr);
    if (status != 0 && status != -ENOENT) return Error::from_errno("read the counts", -status);
    for (std::size_t i = 0; i < count; ++i) all.push_back({places[i], tallies[i]});
    if (status == -ENOENT) return all;
  }
}

class TcpCount final : public SocketCount {
 public:
  TcpCount(UniqueFd walk, tcp_counts& shared) : walk_(std::move(walk)), shared_(shared) {}

  // The kernel's table is walked by reading, and a byte is all that there is to read.
  bool step(int parts) override {
    for (int i = 0; i < parts && walk_.valid(); ++i) {
      char pause;
      const ssize_t length = ::read(walk_.get(), &pause, sizeof(pause));
      if (length > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN))) continue;
      if (length < 0) failed_ = errno;
      walk_.reset();
    }
    return walk_.valid();
  }

  Result<std::uint64_t> hand_out(NamespaceId name_space, RecordSink& sink) override {
    if (failed_ != 0) return Error::from_errno("walk over the TCP sockets", failed_);
    if (shared_.bss->no_room != 0) return Error{"more listeners than the counts have room for"};
    const auto counted = take_all(::bpf_map__fd(shared_.maps.places));
    if (!counted.ok()) return counted.error();
    const auto told = std::span(shared_.bss->told).first(shared_.bss->told_count);
    for (const tcp_socket& socket : told) sink.accept(record_of(socket, name_space));
    std::uint64_t total = told.size();
    for (const Counted& each : *counted) total += count(record_of(each.place, name_space), each.tally, sink);
    return total;
  }

 private:
  static std::uint64_t count(SocketRecord record, const tcp_tally& tally, RecordSink& sink) {
    std::uint64_t total = 0;
    for (std::size_t state = 0; state < kWordCount<SocketState>; ++state) {
      if (tally.by_state[state] == 0) continue;
      record.state = static_cast<SocketState>(state);
      sink.count(record, tally.by_state[state]);
      total += tally.by_state[state];
    }
    return total;
  }

  UniqueFd walk_;
  tcp_counts& shared_;
  int failed_ = 0;
};

}  // namespace

void TcpCounter::Free::operator()(tcp_counts* skeleton) const {
  tcp_counts__destroy(skeleton);
}

TcpCounter::~TcpCounter() = default;

Result<std::unique_ptr<TcpCounter>> TcpCounter::open() {
  ::libbpf_set_print(nullptr);
  std::unique_ptr<TcpCounter> counter(new TcpCounter);
  counter->skeleton_.reset(tcp_counts__open());
  if (!counter->skeleton_) return Error::from_errno("bpf object", errno);
  if (const int status = tcp_counts__load(counter->skeleton_.get()); status != 0)
    return Error::from_errno("bpf load", -status);
  if (const int status = tcp_counts__attach(counter->skeleton_.get()); status != 0)
    return Error::from_errno("bpf attach", -status);
  return counter;
}

Result<std::unique_ptr<SocketCount>> TcpCounter::begin() {
  UniqueFd walk(::bpf_iter_create(::bpf_link__fd(skeleton_->links.count_tcp)));
  if (!walk.valid()) return Error::from_errno("bpf iterator", errno);
  // One that was given up may have left something.
  if (auto left = take_all(::bpf_map__fd(skeleton_->maps.places)); !left.ok()) return left.error();
  auto& shared = *skeleton_->bss;
  shared.told_count = shared.outbound_ports = shared.no_room = 0;
  std::fill(std::begin(shared.listened_on), std::end(shared.listened_on), 0);
  return std::unique_ptr<SocketCount>(std::make_unique<TcpCount>(std::move(walk), *skeleton_));
}

}  // namespace sockwatch
