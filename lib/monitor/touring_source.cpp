// SPDX-License-Identifier: Apache-2.0
#include "lib/monitor/touring_source.h"

#include <algorithm>
#include <cerrno>

namespace sockwatch {

void TouringSource::start(LookKind kind, Instant now) {
  kind_ = kind;
  at_host_ = true;
  visit_.reset();
  host_->start(kind, now);
  left_.clear();
  if (roster_ == nullptr) return;
  roster_->refresh(now);
  left_ = kind == LookKind::Listeners ? roster_->due(now, visits_) : roster_->inodes();
}

bool TouringSource::step(RecordSink& sink, int datagrams) {
  if (at_host_) {
    if (host_->step(sink, datagrams)) return true;
    leave_host();
    return !is_over();
  }
  for (int i = 0; i < datagrams; ++i) {
    if (!visit_ && !enter_next()) break;
    if (!visit_->look.step(sink, 1)) leave();
  }
  return !is_over();
}

bool TouringSource::is_over() {
  if (visit_ != nullptr || !left_.empty()) return false;
  std::sort(report_.torn.begin(), report_.torn.end());
  if (host_->counting() != nullptr) host_->counting()->end_round();
  return true;
}

void TouringSource::leave_host() {
  at_host_ = false;
  report_ = host_->report();
  families_.clear();
  for (const Protocol protocol : host_->families()) {
    if (!report_.unsupported[static_cast<std::size_t>(protocol)]) families_.push_back(protocol);
  }
  if (host_->kind() == SocketSource::ProcNet) left_.clear();
  // Of those whose turn it is not, nothing is proven.
  if (roster_ != nullptr) report_.torn = roster_->ids_but(left_);
  // As in our own namespace: what is not asked for now is as far out of sight as it was.
  if (host_->breadth() == Breadth::Frequent) {
    report_.unseen.insert(report_.unseen.end(), seldom_unseen_.begin(), seldom_unseen_.end());
  } else if (kind_ == LookKind::Listeners) {
    seldom_unseen_.clear();
  }
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
