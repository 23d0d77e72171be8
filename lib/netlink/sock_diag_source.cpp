// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/sock_diag_source.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sockwatch {
namespace {

std::size_t index(Protocol protocol) {
  return static_cast<std::size_t>(protocol);
}

// Where the kernel has no handler for one of these, the question was free: that is no gap in what was seen.
bool may_be_missing(const Family& family) {
  return family.pace != Pace::EveryLook;
}

}  // namespace

void TcpListenersMet::start_round() {
  known_ = std::exchange(met_, {});
  std::sort(known_.begin(), known_.end());
}

bool TcpListenersMet::meet(std::uint64_t cookie) {
  met_.push_back(cookie);
  return !std::binary_search(known_.begin(), known_.end(), cookie);
}

SockDiagSource::SockDiagSource(Channel& channel, std::span<const Protocol> wanted, Abilities abilities,
                               TcpListenersMet* met)
    : channel_(channel), abilities_(abilities), met_(met) {
  for (const Family& family : families()) {
    if (std::find(wanted.begin(), wanted.end(), family.protocol) != wanted.end()) wanted_.push_back(&family);
  }
}

void SockDiagSource::start(LookKind kind, Breadth breadth, std::unique_ptr<SocketCount> count) {
  if (busy()) return;
  kind_ = kind;
  breadth_ = breadth;
  count_ = std::move(count);
  tcp_is_counted_ = count_ != nullptr;
  plan();
}

// A recording of before a filter was asked for holds the answers to the older question.
std::vector<DumpRequest> SockDiagSource::requests_of(const Family& family) const {
  std::vector<DumpRequest> all = family.requests(kind_, abilities_);
  const auto has_answer = [this](const std::vector<DumpRequest>& requests) {
    return requests.empty() || channel_.can_answer(encode(requests.front(), 0));
  };
  std::vector<DumpRequest> older = all;
  for (Abilities abilities = abilities_; !has_answer(older) && older.front().needs != nullptr;) {
    abilities.*older.front().needs = false;
    older = family.requests(kind_, abilities);
  }
  return has_answer(older) ? older : all;
}

void SockDiagSource::plan() {
  plan_.clear();
  next_ = 0;
  asked_ = interrupted_ = new_tcp_ = false;
  report_ = {};
  for (const Family* family : wanted_) {
    if (!is_due(*family, breadth_)) continue;
    for (DumpRequest& request : requests_of(*family)) {
      if (may_be_missing(*family) && !channel_.can_answer(encode(request, 0))) continue;
      report_.complete[index(family->protocol)] = true;
      if (tcp_is_counted_ && request.protocol == Protocol::Tcp) continue;
      plan_.push_back({family, std::move(request)});
    }
  }
}

void SockDiagSource::give_up(Protocol protocol) {
  std::erase_if(wanted_, [&](const Family* family) { return family->protocol == protocol; });
}

void SockDiagSource::note_listener(const SocketRecord& record) {
  if (kind_ != LookKind::Listeners || record.protocol != Protocol::Tcp) return;
  if (met_ == nullptr || met_->meet(record.id.cookie)) new_tcp_ = true;
}

// What has nothing to add is passed over.
void SockDiagSource::advance() {
  asked_ = false;
  for (++next_; busy() && plan_[next_].family->pace == Pace::OnNewTcp && !new_tcp_; ++next_) {
    report_.complete[index(plan_[next_].request.protocol)] = false;
  }
}

void SockDiagSource::step_count(RecordSink& sink, int parts) {
  if (count_->step(parts)) return;
  const auto connections = count_->hand_out(channel_.name_space(), sink);
  count_.reset();
  if (connections.ok()) {
    report_.counted = true;
    report_.tcp_connections = *connections;
    return;
  }
  tcp_is_counted_ = false;
  plan();
  report_.why_not_counted = connections.error().message;
}

bool SockDiagSource::step(RecordSink& sink, int datagrams) {
  if (count_ != nullptr) {
    step_count(sink, datagrams);
    return busy();
  }
  for (int i = 0; i < datagrams && busy(); ++i) {
    if (!asked_) ask();
    if (asked_) receive(sink);
  }
  return busy();
}

void SockDiagSource::ask() {
  const auto sent = channel_.send(encode(plan_[next_].request, ++sequence_));
  asked_ = true;
  interrupted_ = false;
  if (!sent.ok()) fail(sent.error());
}

void SockDiagSource::receive(RecordSink& sink) {
  const auto datagram = channel_.receive();
  if (!datagram.ok()) {
    // Without the rest of this datagram the dump still goes on, but something in it was lost.
    if (datagram.error().code == EMSGSIZE) {
      interrupted_ = true;
      return;
    }
    return fail(datagram.error());
  }
  const std::size_t dump = next_;
  MessageWalk messages(*datagram);
  while (const auto message = messages.next()) {
    if (message->sequence != sequence_) continue;  // left over from a dump that was given up
    take(*message, sink);
    if (next_ != dump || !asked_) return;
  }
  if (messages.malformed()) {
    ++report_.malformed;
    interrupted_ = true;
  }
}

void SockDiagSource::take(const Message& message, RecordSink& sink) {
  if (message.was_interrupted()) interrupted_ = true;
  if (message.ends_dump() || message.is_error()) {
    // An error in mid-dump ends it; so does an acknowledgement nobody asked for.
    return finish(message.is_error() && message.error() == 0 ? EPROTO : message.error());
  }
  const Planned& planned = plan_[next_];
  if (message.type != planned.request.type) return;
  SocketRecord record;
  if (!planned.family->decode(planned.request, message.payload, record)) {
    ++report_.malformed;
    interrupted_ = true;  // whatever it was, it is not in what we know now
    return;
  }
  record.id.name_space = channel_.name_space();
  if (planned.family->complete != nullptr) planned.family->complete(channel_, record);
  note_listener(record);
  if (kind_ == LookKind::Connections && record.protocol == Protocol::Tcp) ++report_.tcp_connections;
  sink.accept(record);
}

void SockDiagSource::finish(int error_code) {
  if (error_code != 0) return fail(Error::from_errno("sock_diag", error_code));
  if (interrupted_) return fail({"the dump was interrupted or damaged", EINTR});
  advance();
}

void SockDiagSource::fail(const Error& error) {
  const Planned& planned = plan_[next_];
  const bool refused = error.code == EINVAL || error.code == ENOENT || error.code == EOPNOTSUPP;
  if (refused && planned.request.needs != nullptr) {
    // Once more without. Records handed out so far come again: sinks know a socket by its cookie.
    abilities_.*planned.request.needs = false;
    return plan();
  }
  const std::size_t protocol = index(planned.request.protocol);
  report_.complete[protocol] = false;
  // ENOENT: no handler for the protocol, and no module to load for it.
  if (error.code == ENOENT) report_.unsupported[protocol] = true;
  if (error.code != ENOENT || !may_be_missing(*planned.family)) {
    report_.unseen.push_back({planned.request.what, error.message});
    if (planned.family->pace == Pace::Seldom) report_.unseen_seldom.push_back(report_.unseen.back());
  }
  // What could not be told now is to be told by the next look.
  if (planned.family->pace == Pace::OnNewTcp && met_ != nullptr) met_->forget();
  advance();
}

}  // namespace sockwatch
