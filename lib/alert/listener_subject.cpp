// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/listener_subject.h"

#include "lib/alert/subject.h"
#include "lib/model/endpoint_labels.h"
#include "lib/model/place.h"

namespace sockwatch {

Raised raised_of(const Listener& listener) {
  const Protocol protocol = listener.key.protocol;
  const Endpoint& local = listener.key.local;
  Raised raised{identity_of(listener), endpoint_labels(listener).address, {}};
  if (listener.bind() == Bind::Assigned && !has_port(protocol))
    raised.address.clear();  // the identity's port says so
  // Of a socket whose name stands for address and port, what sets it apart.
  if (protocol == Protocol::Packet) raised.address += " " + ethertype_text(local.port);
  if (listener.key.promiscuous) raised.address += " promiscuous";
  if (protocol == Protocol::Unix && !local.name.starts_with('/') && local.file != 0)
    raised.address += " file " + std::to_string(local.file);
  Identity& identity = raised.identity;
  identity.reach.device.clear();
  const bool named = !has_scope(identity.protocol) && identity.port != word(Bind::Assigned);
  const std::string user = identity.uid ? "|" + std::to_string(*identity.uid) : "";
  raised.subject =
      subject_of_place(identity.name_space, identity.protocol, raised.address,
                       named ? std::string() : identity.port, identity.owner + "|" + identity.program + user);
  return raised;
}

bool stands_beside(Event event) {
  switch (event) {
    case Event::ListenerOpened:
    case Event::ListenerClosed:
    case Event::ListenerReplaced:
    case Event::OwnerChanged:
    case Event::ListenerShortLived:
      return false;
    default:
      return row_of(event).about == EventAbout::Listener;
  }
}

std::string subject_of(const Listener& listener, Event event) {
  if (event == Event::ListenerShortLived) return {};
  const Raised raised = raised_of(listener);
  if (!stands_beside(event)) return raised.subject;
  if (event == Event::PlaintextExposed) return "plaintext on " + raised.subject;
  if (event != Event::SecondOwner) return std::string(word(event)) + " on " + raised.subject;
  return subject_of_second_owner(
      raised.identity.owner + "|" + raised.identity.program + "|" + listener.annotation.owner.user,
      raised.subject);
}

std::set<std::string> subjects_of_sharers(const Listener& listener) {
  std::set<std::string> subjects;
  Listener second = listener;
  for (const Owner& sharer : listener.sharers) {
    second.annotation.owner = sharer;
    subjects.insert(subject_of(second, Event::SecondOwner));
  }
  return subjects;
}

// Of an owner whom nobody has found, the kernel still says which user made the socket.
std::string place_and_owner(const Alert& alert) {
  if (!alert.listener) return {};
  const Listener& listener = *alert.listener;
  const Raised raised = raised_of(listener);
  const SocketRecord& record = listener.members.front();
  const Owner& owner = listener.annotation.owner;
  std::string user = owner.user;
  if (owner.holders.empty() && record.uid_told) user = std::to_string(record.uid);
  return raised.subject + "|" + raised.identity.owner + "|" + raised.identity.program + "|" + user;
}

}  // namespace sockwatch
