// SPDX-License-Identifier: Apache-2.0
#include "cli/socket_tables.h"

#include <algorithm>
#include <string>

#include "cli/reach_report.h"
#include "lib/model/display.h"
#include "lib/model/place.h"

namespace sockwatch {
namespace {

// The service's name is a hint: it is the first to give way to what identifies a socket.
constexpr Column kService{"SERVICE", Align::Left, true, true, 2};
constexpr Column kOwner{"OWNER", Align::Left, true};
constexpr Column kProcess{"PROCESS", Align::Left, true, false, 3};
constexpr Column kPid{"PID", Align::Right};

Cell dash_if_empty(std::string text) {
  if (text.empty()) return {"-", Paint::Faint};
  return {std::move(text)};
}

std::string service_name(const Annotation& annotation) {
  return annotation.service ? annotation.service->name : "";
}

constexpr Column kNamespace{"NAMESPACE", Align::Left, true, true};

bool is_elsewhere(const Annotation& annotation) {
  return annotation.name_space != kHostNamespace;
}

// Said of all where it is not the same for all.
Cell namespace_cell(const Annotation& annotation, bool several) {
  return {several ? annotation.name_space : std::string()};
}

// Its unit or container, which last, else its program, else why nobody knows.
Cell owner_cell(const Owner& owner) {
  const bool known = !owner.container.empty() || !owner.unit.empty() || !owner.holders.empty();
  if (known) return {owner_name(owner)};
  return {owner_name(owner), owner.state == OwnerState::Unexplained ? Paint::Doubtful : Paint::Faint};
}

Cell process_cell(const Owner& owner) {
  if (!owner.holders.empty()) return dash_if_empty(program_name(owner.holders.front()));
  // Where the owner is known by its unit only, the reason has its place here.
  const bool already_said = owner.container.empty() && owner.unit.empty();
  return already_said ? Cell{"-", Paint::Faint} : Cell{std::string(word(owner.state)), Paint::Faint};
}

// "812", "812+3" with three more holders.
Cell pid_cell(const Owner& owner) {
  if (owner.holders.empty()) return {"-", Paint::Faint};
  std::string text = std::to_string(owner.holders.front().id.pid);
  const std::size_t more = owner.holders.size() - 1 + owner.left_out.count;
  if (more > 0) text += "+" + std::to_string(more);
  return {text};
}

Cell verdict_cell(VerdictKind kind) {
  constexpr PerWord<VerdictKind, Paint> kPaints{Paint::Good, Paint::Bad, Paint::Faint, Paint::Doubtful};
  return {std::string(word(kind)), kPaints[static_cast<std::size_t>(kind)]};
}

std::string note(const OpenListener& open) {
  const Listener& listener = open.listener;
  std::string text;
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : " ") + more; };
  if (listener.members.size() > 1) add("members=" + std::to_string(listener.members.size()));
  if (listener.covers_ipv4()) add("+ipv4");
  if (listener.bind() == Bind::Assigned) add("assigned");
  if (listener.key.type != SocketType::None) add(std::string(word(listener.key.type)));
  if (listener.key.promiscuous) add("promiscuous");
  if (open.reach && !open.reach->published_to.empty())
    add("published to " + list_text(open.reach->published_to));
  return text;
}

// No file refers to it: TIME_WAIT and what was closed is nobody's any more; what accept(2) has not taken yet,
// nobody's so far.
bool belongs_to_nobody(const SocketRecord& record) {
  return record.inode == 0;
}

}  // namespace

TextTable listener_table(std::span<const OpenListener> listeners,
                         std::span<const firewall::PublishedPort> published) {
  TextTable table({{"PROTO"},
                   {"ADDRESS"},
                   {"PORT", Align::Right},
                   kService,
                   {"SCOPE", Align::Left, false, false, 1},
                   {"REACH", Align::Left, false, true},
                   kOwner,
                   kProcess,
                   kPid,
                   {"USER"},
                   kNamespace,
                   {"VERDICT"},
                   {"NOTE", Align::Left, false, true}});
  const bool several = std::any_of(listeners.begin(), listeners.end(), [](const OpenListener& open) {
    return is_elsewhere(open.listener.annotation);
  });
  for (const OpenListener& open : listeners) {
    const Listener& listener = open.listener;
    const Annotation& annotation = listener.annotation;
    const Protocol protocol = listener.protocol();
    table.add({{std::string(word(protocol))},
               {address_text(protocol, listener.key.local)},
               dash_if_empty(port_text(protocol, listener.key.local)),
               {service_name(annotation)},
               dash_if_empty(has_scope(protocol) ? std::string(word(annotation.scope)) : std::string()),
               open.reach ? reach_cell(*open.reach) : Cell{},
               owner_cell(annotation.owner),
               process_cell(annotation.owner),
               pid_cell(annotation.owner),
               dash_if_empty(annotation.owner.user),
               namespace_cell(annotation, several),
               verdict_cell(listener.verdict.kind),
               {note(open), Paint::Faint}});
  }
  const Cell none{"-", Paint::Faint};
  for (const firewall::PublishedPort& port : published) {
    table.add({{published_protocol(port)},
               {published_address(port)},
               {published_port(port)},
               {},
               none,
               reach_cell(port.reach),
               none,
               none,
               none,
               none,
               {},
               none,
               {"published to " + published_to_text(port), Paint::Faint}});
  }
  return table;
}

TextTable connection_table(std::span<const SeenConnection> connections) {
  TextTable table({{"PROTO"},
                   {"STATE"},
                   {"LOCAL"},
                   {"PEER"},
                   {"DIRECTION"},
                   kService,
                   kOwner,
                   kProcess,
                   kPid,
                   {"USER", Align::Left, true, false, 1},
                   kNamespace});
  const bool several =
      std::any_of(connections.begin(), connections.end(),
                  [](const SeenConnection& connection) { return is_elsewhere(connection.annotation); });
  for (const SeenConnection& connection : connections) {
    const SocketRecord& record = connection.record;
    const Annotation& annotation = connection.annotation;
    const bool nobody = belongs_to_nobody(record);
    const Cell none{"-", Paint::Faint};
    const bool alone = record.state == SocketState::BoundInactive || !has_scope(record.protocol);
    table.add({{std::string(word(record.protocol))},
               {std::string(word(record.state))},
               {place_text(record.protocol, record.local)},
               alone ? none : Cell{place_text(record.protocol, record.remote)},
               alone ? none : Cell{std::string(word(connection.direction))},
               {service_name(annotation)},
               nobody ? none : owner_cell(annotation.owner),
               nobody ? none : process_cell(annotation.owner),
               nobody ? none : pid_cell(annotation.owner),
               nobody ? none : dash_if_empty(annotation.owner.user),
               namespace_cell(annotation, several)});
  }
  return table;
}

}  // namespace sockwatch
