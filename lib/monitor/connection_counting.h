// SPDX-License-Identifier: Apache-2.0
// Which way the TCP connections of a namespace are counted: told one by one by netlink, or counted in the
// kernel by BPF. That has a price for every bucket of the kernel's table, however few sockets it has, and so
// is for many only. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "lib/config/settings.h"
#include "lib/model/socket_count.h"
#include "lib/model/source.h"
#include "lib/model/view.h"

namespace sockwatch {

// From so many connections of a namespace on, the one way is the cheaper; down to so many the change back is
// not worth it.
struct CountThresholds {
  std::uint64_t many;
  std::uint64_t few;
};
// By the number of buckets of the kernel's table of connections.
CountThresholds count_thresholds(std::uint64_t buckets);
// This machine's (tcp_ehash_entries of Linux 6.1), or else the usual number for 32 GiB of memory.
std::uint64_t connection_buckets(const std::string& proc_root);

class ConnectionCounting {
 public:
  ConnectionCounting(ConnectionsMode mode, CountThresholds thresholds)
      : mode_(mode), thresholds_(thresholds) {}

  // Before that all goes by netlink, and after do_without() again.
  void use(std::unique_ptr<SocketCounter> counter) { counter_ = std::move(counter); }
  void do_without(const std::string& why);

  // In the network namespace of the calling thread, which goes by `id`, or by none where nobody has been
  // there yet. Null: by netlink.
  std::unique_ptr<SocketCount> begin(NamespaceId id);
  // What came of the look there.
  void ended(NamespaceId id, const LookReport& report);
  // A look has been everywhere.
  void end_round();

  // Those by which the last look learned of connections.
  const PerWord<ConnectionSource, bool>& sources() const { return sources_; }
  // Why there is no counter, or none any more: once it has failed it is given up. Empty where that is as it
  // should be.
  const std::string& trouble() const { return trouble_; }

 private:
  bool is_for_bpf(NamespaceId id) const;

  std::unique_ptr<SocketCounter> counter_;
  ConnectionsMode mode_;
  CountThresholds thresholds_;
  std::set<NamespaceId> many_;      // namespaces that had many connections when they were last looked at
  std::set<NamespaceId> many_now_;  // the same in the round under way
  PerWord<ConnectionSource, bool> sources_{};
  PerWord<ConnectionSource, bool> sources_now_{};
  std::string trouble_;
};

}  // namespace sockwatch
