// SPDX-License-Identifier: Apache-2.0
#include "lib/model/fields.h"

#include <utility>

#include "lib/base/text.h"
#include "lib/model/place.h"

namespace sockwatch {
namespace {

// Collects fields and leaves out what is unknown.
class FieldList {
 public:
  void text(std::string_view name, std::string value) {
    if (!value.empty()) fields_.push_back({name, std::move(value)});
  }
  void word(std::string_view name, std::string_view value) { text(name, std::string(value)); }
  void flag(std::string_view name, bool value) { fields_.push_back({name, value}); }
  void number(std::string_view name, std::uint64_t value) { fields_.push_back({name, value}); }
  // Not known before the clock was first read: sockets of a replay, of a tool that looked once.
  void time(std::string_view name, WallTime value) {
    if (value != WallTime{}) text(name, to_rfc3339(value));
  }

  std::vector<Field> take() { return std::move(fields_); }

 private:
  std::vector<Field> fields_;
};

void add_place(FieldList& list, Protocol protocol, const SocketRecord& record) {
  const Endpoint& local = record.local;
  list.word("protocol", word(protocol));
  if (record.type != SocketType::None) list.word("type", word(record.type));
  if (has_ip_address(protocol)) list.text("address", address_text(protocol, local));
  if (has_ip_address(protocol) && local.interface_index != 0)
    list.text("interface", record.device.empty() ? interface_text(local) : record.device);
  if (protocol == Protocol::Raw) list.number("ip_protocol", local.port);
  if (protocol == Protocol::Vsock) list.text("cid", cid_text(local));
  if (protocol == Protocol::Unix) list.text("path", unix_path(local));
  if (protocol == Protocol::Packet) {
    list.text("interface", interface_text(local));
    list.text("ethertype", ethertype_text(local.port));
    list.flag("promiscuous", record.promiscuous);
  }
  if (has_port(protocol) && local.port != 0) list.number("port", local.port);
}

void add_annotation(FieldList& list, const Annotation& annotation, const SocketRecord& record) {
  if (has_scope(record.protocol)) list.word("scope", word(annotation.scope));
  if (has_port(record.protocol) && record.local.port != 0) list.word("category", word(annotation.category));
  if (annotation.service) list.text("service", annotation.service->name);
  list.text("namespace", annotation.name_space);
}

void add_owner(FieldList& list, const Owner& owner, const SocketRecord& record) {
  // TIME_WAIT and half-open requests belong to no process any more, or not yet.
  if (record.state == SocketState::TimeWait || record.state == SocketState::SynRecv ||
      record.state == SocketState::NewSynRecv) {
    return;
  }
  list.text("unit", owner.unit);
  list.text("holder_unit", owner.holder_unit);
  list.text("container", owner.container);
  // The kernel tells uid 0 where it means "nobody yet"; only a socket with an inode has a creator.
  const bool creator_known = record.inode != 0 && record.uid_told;
  if (!owner.holders.empty()) {
    const Holder& holder = owner.holders.front();
    list.text("exe", holder.exe);
    list.text("comm", holder.comm);
    list.number("pid", static_cast<std::uint64_t>(holder.id.pid));
    list.number("uid", holder.uid);
  } else if (creator_known) {
    list.number("uid", record.uid);
  }
  if (!owner.holders.empty() || creator_known) list.text("user", owner.user);
  if (creator_known) list.number("creator_uid", record.uid);
  list.word("owner_state", word(owner.state));
}

void add_state(FieldList& list, SocketState state) {
  if (state != SocketState::Unknown) list.word("state", word(state));
}

std::uint64_t holders_left_out(const Owner& owner) {
  std::uint64_t count = owner.left_out.count;
  for (const Owner& other : owner.others) count += other.left_out.count;
  return count;
}

// What stays the same while a listener stands.
void add_listener(FieldList& list, const Listener& listener) {
  const SocketRecord& record = listener.members.front();
  add_place(list, listener.protocol(), record);
  if (listener.may_be_v6only()) list.flag("v6only", !listener.covers_ipv4());
  if (const auto transparent = listener.transparent(); transparent && has_ip_address(listener.key.protocol))
    list.flag("transparent", *transparent);
  if (record.bind != Bind::Unknown) list.word("bind", word(record.bind));
  add_annotation(list, listener.annotation, record);
  add_owner(list, listener.annotation.owner, record);
  const std::uint32_t more = listener.annotation.owner.more_others;
  if (more > 0) list.number("more_owners", more);
  if (const std::uint64_t left_out = holders_left_out(listener.annotation.owner); left_out > 0)
    list.number("more_holders", left_out);
  list.word("verdict", word(listener.verdict.kind));
  list.text("rule", listener.verdict.rule);
  list.time("first_seen", listener.first_seen.wall);
}

// Why it was judged so, and what passes there in plain sight.
void add_explanation(FieldList& list, const Listener& listener) {
  list.text("rule_origin", listener.verdict.origin);
  list.text("rule_reason", listener.verdict.reason);
  const auto& service = listener.annotation.service;
  if (!service || service->encryption == Encryption::Unknown) return;
  list.word("encrypted", word(service->encryption));
  list.text("safer", service->safer);
}

// Whose it was before, or is besides.
void add_other(FieldList& list, const Owner& other) {
  list.text("other_unit", other.unit);
  list.text("other_container", other.container);
  if (!other.holders.empty()) {
    const Holder& holder = other.holders.front();
    list.text("other_exe", holder.exe);
    list.text("other_comm", holder.comm);
    if (holder.id.pid != 0) list.number("other_pid", static_cast<std::uint64_t>(holder.id.pid));
  }
  list.text("other_user", other.user);
}

void add_hidden(FieldList& list, const HiddenPort& port) {
  list.word("protocol", word(port.protocol));
  list.number("port", port.port);
  list.text("denied_by", port.denied_by);
  list.text("shown_by", port.shown_by);
}

}  // namespace

std::string text_of(const Field& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) return std::to_string(*number);
  return std::get<bool>(field.value) ? "true" : "false";
}

std::vector<Field> fields_of(const Listener& listener, std::optional<std::uint64_t> connections) {
  FieldList list;
  add_listener(list, listener);
  const SocketState state = listener.members.front().state;
  add_state(list, state);
  // The same two numbers of the kernel mean connections in LISTEN and bytes everywhere else.
  const SocketRecord& record = listener.members.front();
  const bool accepts = state == SocketState::Listen;
  if (accepts && record.queue_told) list.number("accept_queue_length", listener.queue_length());
  if (accepts && record.limit_told) list.number("accept_queue_limit", listener.queue_limit());
  if (!accepts && record.queue_told) list.number("receive_queue_bytes", listener.queue_length());
  if (record.filter_instructions != 0) list.number("filter_instructions", record.filter_instructions);
  if (has_ip_address(record.protocol) && !record.remote.address.is_unspecified())
    list.text("peer_address", address_text(record.protocol, record.remote));
  if (record.drops_told) list.number("drops", listener.drops_total);
  if (record.inode != 0) list.number("inode", record.inode);
  list.number("members", listener.members.size());
  if (listener.last_connection) list.time("last_connection", *listener.last_connection);
  if (connections) list.number("connections", *connections);
  return list.take();
}

std::vector<Field> fields_of(const SocketRecord& connection, const Annotation& annotation,
                             Direction direction) {
  FieldList list;
  add_place(list, connection.protocol, connection);
  add_annotation(list, annotation, connection);
  // A connection that nobody has accepted yet has no file, and so nobody's.
  if (connection.inode != 0 || !annotation.owner.holders.empty())
    add_owner(list, annotation.owner, connection);
  add_state(list, connection.state);
  if (connection.inode != 0) list.number("inode", connection.inode);
  // To nobody, in no direction; a UNIX or packet socket has neither.
  if (connection.state == SocketState::BoundInactive || !has_scope(connection.protocol)) return list.take();
  if (has_ip_address(connection.protocol))
    list.text("peer_address", address_text(connection.protocol, connection.remote));
  if (connection.protocol == Protocol::Vsock) list.text("peer_cid", cid_text(connection.remote));
  if (connection.remote.port != 0) list.number("peer_port", connection.remote.port);
  list.word("direction", word(direction));
  return list.take();
}

std::vector<Field> fields_of(const Alert& alert) {
  FieldList list;
  list.word("event", word(alert.event));
  list.text("message", alert.message);
  list.word("severity", word(alert.severity));
  list.word("tone", word(alert.tone));
  list.time("time", alert.time.wall);
  if (alert.listener) {
    add_listener(list, *alert.listener);
    add_explanation(list, *alert.listener);
    list.text("parents", alert.parents);
    if (alert.other) add_other(list, *alert.other);
  } else {
    if (alert.hidden) add_hidden(list, *alert.hidden);
    list.text("rule", alert.rule);
  }
  list.text("allow", alert.allow);
  return list.take();
}

}  // namespace sockwatch
