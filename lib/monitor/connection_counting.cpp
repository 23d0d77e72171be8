// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/connection_counting.h"

#include <cstdlib>
#include <utility>

#include "lib/base/dir.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::uint64_t kUsualBuckets = 262144;
// What the iterator saves for a socket pays for that many empty buckets (docs/performance.md).
constexpr std::uint64_t kBucketsPerSocket = 32;

}  // namespace

// To change costs nothing, so they are only so far apart that it is not seen to happen all the time.
CountThresholds count_thresholds(std::uint64_t buckets) {
  // The first ones are told one by one in any case.
  const std::uint64_t even = ConnectionTally::kMostSeen + buckets / kBucketsPerSocket;
  return {even + even / 20, even - even / 20};
}

std::uint64_t connection_buckets(const std::string& proc_root) {
  const auto directory = Dir::open(proc_root + "/sys/net/ipv4");
  if (!directory.ok()) return kUsualBuckets;
  const auto text = directory->read_file("tcp_ehash_entries", 64);
  if (!text.ok()) return kUsualBuckets;
  // Negative where a namespace shares the table of the first one.
  const std::int64_t entries = parse_integer<std::int32_t>(trim(*text)).value_or(0);
  return entries == 0 ? kUsualBuckets : static_cast<std::uint64_t>(std::abs(entries));
}

bool ConnectionCounting::is_for_bpf(NamespaceId id) const {
  return counter_ != nullptr && (mode_ == ConnectionsMode::Bpf || many_.contains(id));
}

std::unique_ptr<SocketCount> ConnectionCounting::begin(NamespaceId id) {
  if (!is_for_bpf(id)) return nullptr;
  auto begun = counter_->begin();
  if (begun.ok()) return *std::move(begun);
  do_without(begun.error().message);
  return nullptr;
}

void ConnectionCounting::ended(NamespaceId id, const LookReport& report) {
  if (!report.why_not_counted.empty()) do_without(report.why_not_counted);
  const ConnectionSource source = report.counted ? ConnectionSource::Bpf : ConnectionSource::Netlink;
  sources_now_[static_cast<std::size_t>(source)] = true;
  const std::uint64_t enough = many_.contains(id) ? thresholds_.few : thresholds_.many;
  if (report.tcp_connections >= enough) many_now_.insert(id);
}

void ConnectionCounting::end_round() {
  many_ = std::exchange(many_now_, {});
  sources_ = std::exchange(sources_now_, {});
}

void ConnectionCounting::do_without(const std::string& why) {
  counter_.reset();
  trouble_ = why;
}

}  // namespace sockwatch
