// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/live_source.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sockwatch {
namespace {

// Between two looks at families that are dear, or that nobody needs to hear of within a second.
constexpr Duration kSeldom = std::chrono::seconds(2);
// What is asked for seldom is asked for the more seldom the more there is to tell: 220,000 UNIX sockets are
// some 900 datagrams, and shall not keep the loop from the listeners.
constexpr Duration kRestAfterDatagram = std::chrono::milliseconds(10);
constexpr Duration kLongestRest = std::chrono::seconds(30);

// Between two looks for families that the kernel did not have.
constexpr Duration kNewcomers = std::chrono::seconds(10);

// Every kernel has these; without them there is no use in sock_diag.
bool is_basic(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp;
}

}  // namespace

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
  if (!options_.record_file.empty()) {
    auto writer = CaptureWriter::create(options_.record_file);
    if (!writer.ok()) return writer.error();
    writer_ = *std::move(writer);
    recording_.emplace(*channel_, *writer_);
  }
  use(look_at_families(options_.families, options_.proc_root));
  return {};
}

void LiveSource::use(FamilySight sight) {
  sight_ = std::move(sight);
  std::vector<Protocol> asked;
  for (const Protocol protocol : options_.families) {
    if (how(protocol) == Sight::SockDiag) asked.push_back(protocol);
  }
  Channel& through = recording_ ? static_cast<Channel&>(*recording_) : *channel_;
  sock_diag_.emplace(through, asked, Abilities{}, &met_);
  open_tables();
}

// A family that the kernel does not have can come with a module.
void LiveSource::look_for_newcomers(Instant now) {
  if (now.monotonic - looked_for_newcomers_ < kNewcomers) return;
  looked_for_newcomers_ = now.monotonic;
  const auto is_absent = [](Sight sight) { return sight == Sight::Absent; };
  const auto absent = std::count_if(sight_.how.begin(), sight_.how.end(), is_absent);
  if (absent == 0) return;
  FamilySight fresh = look_at_families(options_.families, options_.proc_root);
  if (std::count_if(fresh.how.begin(), fresh.how.end(), is_absent) < absent) use(std::move(fresh));
}

// A recording holds netlink messages only.
void LiveSource::open_tables() {
  std::vector<Protocol> families;
  for (const Protocol protocol : options_.families) {
    if (how(protocol) == Sight::ProcNet) families.push_back(protocol);
  }
  auto proc_net = Dir::open(options_.proc_root + "/net");
  if (writer_ || families.empty() || !proc_net.ok()) return;
  tables_.emplace(*std::move(proc_net), families, name_space());
}

Result<void> LiveSource::fall_back(const Error& why) {
  // /proc/net is /proc/self/net: the namespace this process is in.
  auto proc_net = Dir::open(options_.proc_root + "/net");
  if (!proc_net.ok()) return proc_net.error().within(why.message + ", and no way around it");
  proc_net_.emplace(*std::move(proc_net), options_.families, name_space());
  sight_ = look_at_families(options_.families, options_.proc_root);
  for (const Protocol protocol : options_.families) {
    if (is_basic(protocol)) sight_.how[static_cast<std::size_t>(protocol)] = Sight::ProcNet;
    if (how(protocol) == Sight::SockDiag) sight_.has_no_sock_diag(protocol);
  }
  return {};
}

Breadth LiveSource::breadth(LookKind kind, Instant now) {
  if (options_.lists) return Breadth::Lists;
  if (kind == LookKind::Connections) return Breadth::All;
  const Duration rest = std::clamp(all_datagrams_ * kRestAfterDatagram, kSeldom, kLongestRest);
  if (last_all_ && now.monotonic - last_all_->monotonic < rest) return Breadth::Frequent;
  last_all_ = now;
  all_datagrams_ = 0;
  return Breadth::All;
}

void LiveSource::start(LookKind kind, Instant now) {
  kind_ = kind;
  started_ = now;
  in_tables_ = false;
  if (proc_net_) return proc_net_->start(kind, now);
  if (writer_) writer_->look(kind, now.wall, channel_->name_space());
  look_for_newcomers(now);
  breadth_ = breadth(kind, now);
  if (kind == LookKind::Listeners) met_.start_round();
  sock_diag_->start(kind, breadth_, begin_count());
}

std::unique_ptr<SocketCount> LiveSource::begin_count() const {
  if (counting() == nullptr || how(Protocol::Tcp) != Sight::SockDiag) return nullptr;
  return counting()->begin(name_space());
}

bool LiveSource::step(RecordSink& sink, int datagrams) {
  if (proc_net_) {
    const bool more = proc_net_->step(sink, datagrams);
    report_ = proc_net_->report();
    return more;
  }
  if (breadth_ == Breadth::All && kind_ == LookKind::Listeners) all_datagrams_ += datagrams;
  if (in_tables_) return step_tables(sink, datagrams);
  if (sock_diag_->step(sink, datagrams)) return true;
  report_ = sock_diag_->report();
  if (counting() != nullptr) counting()->ended(name_space(), report_);
  // A kernel may know the netlink protocol and none of the socket families behind it.
  if (refused_everything() && fall_back({"sock_diag knows none of the families"}).ok()) {
    proc_net_->start(kind_, started_);
    return true;
  }
  learn_refusals();
  if (breadth_ == Breadth::Frequent) {
    report_.unseen.insert(report_.unseen.end(), seldom_unseen_.begin(), seldom_unseen_.end());
  } else if (kind_ == LookKind::Listeners) {
    seldom_unseen_ = report_.unseen_seldom;
  }
  in_tables_ = tables_ && breadth_ != Breadth::Frequent;
  if (in_tables_) tables_->start(kind_, started_);
  return in_tables_;
}

bool LiveSource::step_tables(RecordSink& sink, int datagrams) {
  if (tables_->step(sink, datagrams)) return true;
  const LookReport& more = tables_->report();
  for (std::size_t i = 0; i < more.complete.size(); ++i)
    report_.complete[i] = report_.complete[i] || more.complete[i];
  report_.unseen.insert(report_.unseen.end(), more.unseen.begin(), more.unseen.end());
  report_.malformed += more.malformed;
  return false;
}

// What the kernel was asked for and has no handler for is not asked for again.
void LiveSource::learn_refusals() {
  bool learned = false;
  for (const Protocol protocol : options_.families) {
    const bool refused = report_.unsupported[static_cast<std::size_t>(protocol)];
    if (!refused || is_basic(protocol) || how(protocol) != Sight::SockDiag) continue;
    sight_.has_no_sock_diag(protocol);
    sock_diag_->give_up(protocol);
    learned = true;
  }
  if (learned) open_tables();
}

bool LiveSource::refused_everything() const {
  std::size_t refused = 0;
  for (const Protocol protocol : options_.families) {
    if (!is_basic(protocol)) continue;
    if (!report_.unsupported[static_cast<std::size_t>(protocol)]) return false;
    ++refused;
  }
  return refused > 0;
}

Sight LiveSource::how(Protocol protocol) const {
  return sight_.how[static_cast<std::size_t>(protocol)];
}

std::vector<Protocol> LiveSource::families() const {
  std::vector<Protocol> asked;
  for (const Family& family : sockwatch::families()) {
    if (how(family.protocol) == Sight::SockDiag && is_due(family, breadth_)) asked.push_back(family.protocol);
  }
  return asked;
}

}  // namespace sockwatch
