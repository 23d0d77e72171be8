// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/touring_source.h"

#include <algorithm>
#include <cerrno>

namespace sockwatch {

void TouringSource::start(LookKind kind, Instant now) {
  kind_ = kind;
  started_ = now;
  stage_ = Stage::Host;
  done_ = {};
  visit_.reset();
  left_.clear();
  host_->start(kind, now);
}

bool TouringSource::step(RecordSink& sink, int datagrams) {
  switch (stage_) {
    case Stage::Host:
      if (host_->step(sink, datagrams)) return true;
      leave_host();
      break;
    case Stage::Search:
      if (roster_->search(started_)) return true;
      set_out();
      break;
    case Stage::Visits:
      go_on(sink, datagrams);
  }
  return !is_over();
}

void TouringSource::go_on(RecordSink& sink, int datagrams) {
  const Duration before = thread_cpu_time();
  for (int i = 0; i < datagrams; ++i) {
    if (!visit_ && !enter_next()) break;
    if (!visit_->look.step(sink, 1)) leave();
  }
  done_.cpu += thread_cpu_time() - before;
}

bool TouringSource::is_over() {
  if (stage_ == Stage::Search || visit_ != nullptr || !left_.empty()) return false;
  std::sort(report_.torn.begin(), report_.torn.end());
  if (host_->counting() != nullptr) host_->counting()->end_round();
  return true;
}

void TouringSource::leave_host() {
  report_ = host_->report();
  families_.clear();
  for (const Protocol protocol : host_->families()) {
    if (!report_.unsupported[static_cast<std::size_t>(protocol)]) families_.push_back(protocol);
  }
  // As in our own namespace: what is not asked for now is as far out of sight as it was.
  if (host_->breadth() == Breadth::Frequent) {
    report_.unseen.insert(report_.unseen.end(), seldom_unseen_.begin(), seldom_unseen_.end());
  } else if (kind_ == LookKind::Listeners) {
    seldom_unseen_.clear();
  }
  stage_ = roster_ != nullptr ? Stage::Search : Stage::Visits;
}

void TouringSource::set_out() {
  stage_ = Stage::Visits;
  if (host_->kind() != SocketSource::ProcNet)
    left_ = kind_ == LookKind::Listeners ? roster_->due(started_, at_most_) : roster_->inodes();
  // Of those whose turn it is not, nothing is proven.
  report_.torn = roster_->ids_but(left_);
}

bool TouringSource::enter_next() {
  while (!left_.empty()) {
    const std::uint64_t inode = left_.back();
    left_.pop_back();
    std::unique_ptr<SocketCount> count;
    auto channel = roster_->enter(inode, [&] { count = begin_count(inode); });
    if (!channel.ok()) {
      // That it may not be entered is known, and told once for all looks.
      const bool refused = channel.error().is_refusal();
      if (const auto id = roster_->id_of(inode)) report_.torn.push_back(*id);
      if (!refused && channel.error().code != ENOENT && channel.error().code != ESRCH)
        report_.unseen.push_back(
            {"network namespace " + roster_->name_of_inode(inode), channel.error().message});
      continue;
    }
    KernelChannel& there = **channel;
    visit_.reset(
        new Visit{inode, *std::move(channel), {there, families_, host_->abilities(), &host_->met()}});
    visit_->look.start(kind_, host_->breadth(), std::move(count));
    ++done_.count;
    return true;
  }
  return false;
}

// One that is entered for the first time has no id yet.
std::unique_ptr<SocketCount> TouringSource::begin_count(std::uint64_t inode) {
  const bool looks_at_tcp = std::find(families_.begin(), families_.end(), Protocol::Tcp) != families_.end();
  if (host_->counting() == nullptr || !looks_at_tcp) return nullptr;
  return host_->counting()->begin(roster_->id_of(inode).value_or(NamespaceId{}));
}

void TouringSource::leave() {
  const LookReport& seen = visit_->look.report();
  if (host_->counting() != nullptr) host_->counting()->ended(visit_->channel->name_space(), seen);
  report_.malformed += seen.malformed;
  if (!seen.unseen.empty()) report_.torn.push_back(visit_->channel->name_space());
  const std::string where = " in " + roster_->name_of_inode(visit_->inode);
  for (const Unseen& part : seen.unseen) report_.unseen.push_back({part.what + where, part.why});
  for (const Unseen& part : seen.unseen_seldom) seldom_unseen_.push_back({part.what + where, part.why});
  visit_.reset();
}

}  // namespace sockwatch
