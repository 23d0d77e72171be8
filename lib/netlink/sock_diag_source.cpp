// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/sock_diag_source.h"

#include <algorithm>
#include <cerrno>

namespace sockwatch {
namespace {

std::size_t index(Protocol protocol) {
  return static_cast<std::size_t>(protocol);
}

}  // namespace

SockDiagSource::SockDiagSource(Channel& channel, std::span<const Protocol> wanted, Abilities abilities)
    : channel_(channel), abilities_(abilities) {
  for (const Family& family : families()) {
    if (std::find(wanted.begin(), wanted.end(), family.protocol) != wanted.end()) wanted_.push_back(&family);
  }
}

void SockDiagSource::start(LookKind kind) {
  if (busy()) return;
  kind_ = kind;
  plan(kind);
}

void SockDiagSource::plan(LookKind kind) {
  plan_.clear();
  next_ = 0;
  asked_ = interrupted_ = false;
  report_ = {};
  for (const Family* family : wanted_) {
    report_.complete[index(family->protocol)] = true;
    for (DumpRequest& request : family->requests(kind, abilities_))
      plan_.push_back({family, std::move(request)});
  }
}

bool SockDiagSource::step(RecordSink& sink, int datagrams) {
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
  sink.accept(record);
}

void SockDiagSource::finish(int error_code) {
  if (error_code != 0) return fail(Error::from_errno("sock_diag", error_code));
  if (interrupted_) return fail({"the dump was interrupted or damaged", EINTR});
  ++next_;
  asked_ = false;
}

void SockDiagSource::fail(const Error& error) {
  const Planned& planned = plan_[next_];
  const bool refused = error.code == EINVAL || error.code == ENOENT || error.code == EOPNOTSUPP;
  if (refused && planned.request.needs != nullptr) {
    // Once more without. Records handed out so far come again: sinks know a socket by its cookie.
    abilities_.*planned.request.needs = false;
    return plan(kind_);
  }
  const std::size_t protocol = index(planned.request.protocol);
  report_.complete[protocol] = false;
  // ENOENT: no handler for the protocol, and no module to load for it.
  if (error.code == ENOENT) report_.unsupported[protocol] = true;
  report_.unseen.push_back({planned.request.what, error.message});
  ++next_;
  asked_ = false;
}

}  // namespace sockwatch
