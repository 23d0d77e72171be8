// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/proc_net_source.h"

#include <algorithm>
#include <cerrno>
#include <string>

namespace sockwatch {
namespace {

// A kernel without IPv6 has no tcp6, one without UDP-Lite no udplite: nothing is hidden there.
bool has_every_kernel(NetTable table) {
  return table == NetTable::Tcp || table == NetTable::Udp;
}

}  // namespace

ProcNetSource::ProcNetSource(Dir proc_net, const std::vector<Protocol>& families, NamespaceId name_space)
    : proc_net_(std::move(proc_net)), name_space_(name_space) {
  for (const NetTable table : all_of<NetTable>()) {
    if (std::find(families.begin(), families.end(), protocol_of(table)) != families.end())
      tables_.push_back(table);
  }
  next_ = tables_.size();
}

void ProcNetSource::start(LookKind, Instant) {
  next_ = 0;
  report_ = {};
  for (const NetTable table : tables_) report_.complete[static_cast<std::size_t>(protocol_of(table))] = true;
}

bool ProcNetSource::step(RecordSink& sink, int) {
  if (next_ == tables_.size()) return false;
  const NetTable table = tables_[next_++];
  const auto read = read_net_table(proc_net_, table, sink, name_space_);
  if (read.ok()) {
    report_.malformed += read->malformed;
    // Behind a newline in the name of a UNIX socket there is no line of the kernel's, and nothing is missing.
    if (read->malformed > 0 && table != NetTable::Unix) {
      report_.complete[static_cast<std::size_t>(protocol_of(table))] = false;
      report_.unseen.push_back({"/proc/net/" + std::string(word(table)),
                                std::to_string(read->malformed) + " lines of it cannot be read"});
    }
  } else if (read.error().code != ENOENT || has_every_kernel(table)) {
    report_.complete[static_cast<std::size_t>(protocol_of(table))] = false;
    report_.unseen.push_back({"/proc/net/" + std::string(word(table)), read.error().message});
  }
  return next_ < tables_.size();
}

}  // namespace sockwatch
