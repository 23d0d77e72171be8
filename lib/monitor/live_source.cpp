// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/live_source.h"

#include <algorithm>
#include <cerrno>

namespace sockwatch {

Result<std::unique_ptr<LiveSource>> LiveSource::open(Options options) {
  std::unique_ptr<LiveSource> source(new LiveSource(std::move(options)));
  if (auto opened = source->open_sock_diag(); !opened.ok()) {
    if (!source->options_.record_file.empty() || opened.error().code != EPROTONOSUPPORT)
      return opened.error();
    if (auto fallen = source->fall_back(opened.error()); !fallen.ok()) return fallen.error();
  }
  return source;
}

Result<void> LiveSource::open_sock_diag() {
  auto channel = KernelChannel::open();
  if (!channel.ok()) return channel.error();
  channel_ = *std::move(channel);
  if (options_.record_file.empty()) {
    sock_diag_.emplace(*channel_, options_.families);
    return {};
  }
  auto writer = CaptureWriter::create(options_.record_file);
  if (!writer.ok()) return writer.error();
  writer_ = *std::move(writer);
  recording_.emplace(*channel_, *writer_);
  sock_diag_.emplace(*recording_, options_.families);
  return {};
}

Result<void> LiveSource::fall_back(const Error& why) {
  // /proc/net is /proc/self/net: the namespace this process is in.
  auto proc_net = Dir::open(options_.proc_root + "/net");
  if (!proc_net.ok()) return proc_net.error().within(why.message + ", and no way around it");
  proc_net_.emplace(*std::move(proc_net), options_.families, name_space());
  return {};
}

void LiveSource::start(LookKind kind, Instant now) {
  kind_ = kind;
  started_ = now;
  if (proc_net_) return proc_net_->start(kind, now);
  if (writer_) writer_->look(kind, now.wall, channel_->name_space());
  sock_diag_->start(kind);
}

bool LiveSource::step(RecordSink& sink, int datagrams) {
  if (proc_net_) {
    const bool more = proc_net_->step(sink, datagrams);
    report_ = proc_net_->report();
    return more;
  }
  if (sock_diag_->step(sink, datagrams)) return true;
  report_ = sock_diag_->report();
  // A kernel may know the netlink protocol and none of the socket families behind it.
  if (!refused_everything() || !fall_back({"sock_diag knows none of the families"}).ok()) return false;
  proc_net_->start(kind_, started_);
  return true;
}

bool LiveSource::refused_everything() const {
  return std::all_of(options_.families.begin(), options_.families.end(), [this](Protocol protocol) {
    return report_.unsupported[static_cast<std::size_t>(protocol)];
  });
}

}  // namespace sockwatch
