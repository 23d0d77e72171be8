// SPDX-License-Identifier: Apache-2.0
#include "lib/model/fields.h"

#include <array>
#include <utility>

#include "lib/model/property_values.h"

namespace sockwatch {
namespace {

using namespace property;

void add(std::vector<Field>& fields, std::string_view name, Maybe value) {
  if (value) fields.push_back({name, *std::move(value)});
}

void add_properties(std::vector<Field>& fields, const KnownSocket& socket, PropertyUse use) {
  for (const Property& property : properties()) {
    if (property.uses.has(use)) add(fields, property.name, property.shown_value(socket));
  }
}

template <auto field>
Maybe other_text(const Alert& alert) {
  return alert.other ? text(*alert.other.*field) : Maybe();
}

const Holder* other_holder(const Alert& alert) {
  return alert.other && !alert.other->holders.empty() ? &alert.other->holders.front() : nullptr;
}

template <auto field>
Maybe other_holder_text(const Alert& alert) {
  return other_holder(alert) == nullptr ? Maybe() : text(other_holder(alert)->*field);
}

// Remembered from an earlier run where it is 0.
Maybe other_pid(const Alert& alert) {
  const Holder* holder = other_holder(alert);
  return holder == nullptr ? Maybe() : number_over_0(static_cast<std::uint64_t>(holder->id.pid));
}

Maybe rule(const Alert& alert) {
  return text_if(!alert.listener, alert.rule);
}

template <auto field>
Maybe hidden_text(const Alert& alert) {
  return alert.hidden ? text(*alert.hidden.*field) : Maybe();
}

constexpr std::array kBeforeTheListener = {
    AlertField{"event", kWord<Event>, [](const Alert& alert) { return word_of(alert.event); }},
    AlertField{"message", kText, [](const Alert& alert) { return text(alert.message); }},
    AlertField{"severity", kWord<Severity>, [](const Alert& alert) { return word_of(alert.severity); }},
    AlertField{"tone", kWord<AlertTone>, [](const Alert& alert) { return word_of(alert.tone); }},
    AlertField{"time", kTime, [](const Alert& alert) { return time(alert.time.wall); }},
};

// "protocol", "port" and "rule" are the listener's where there is one.
constexpr std::array kBehindTheListener = {
    AlertField{"parents", kText, [](const Alert& alert) { return text(alert.parents); }},
    AlertField{"other_unit", kText, other_text<&Owner::unit>},
    AlertField{"other_container", kText, other_text<&Owner::container>},
    AlertField{"other_exe", kText, other_holder_text<&Holder::exe>},
    AlertField{"other_comm", kText, other_holder_text<&Holder::comm>},
    AlertField{"other_pid", kNumber, other_pid},
    AlertField{"other_user", kText, other_text<&Owner::user>},
    AlertField{"protocol", kWord<Protocol>,
               [](const Alert& alert) { return alert.hidden ? word_of(alert.hidden->protocol) : Maybe(); }},
    AlertField{"port", kNumber,
               [](const Alert& alert) { return alert.hidden ? number(alert.hidden->port) : Maybe(); }},
    AlertField{"denied_by", kText, hidden_text<&HiddenPort::denied_by>},
    AlertField{"shown_by", kText, hidden_text<&HiddenPort::shown_by>},
    AlertField{"rule", kText, rule},
    AlertField{"allow", kText, [](const Alert& alert) { return text(alert.allow); }},
};

}  // namespace

std::span<const AlertField> fields_before_the_listener() {
  return kBeforeTheListener;
}

std::span<const AlertField> fields_behind_the_listener() {
  return kBehindTheListener;
}

std::vector<Field> fields_of(const Listener& listener, std::optional<std::uint64_t> connections) {
  std::vector<Field> fields;
  add_properties(fields, known(listener, connections), PropertyUse::Listener);
  return fields;
}

std::vector<Field> fields_of(const SocketRecord& connection, const Annotation& annotation,
                             Direction direction) {
  std::vector<Field> fields;
  add_properties(fields, known(connection, annotation, direction), PropertyUse::Connection);
  return fields;
}

std::vector<Field> fields_of(const Alert& alert) {
  std::vector<Field> fields;
  for (const AlertField& field : kBeforeTheListener) add(fields, field.name, field.get(alert));
  if (alert.listener) add_properties(fields, known(*alert.listener), PropertyUse::Alert);
  for (const AlertField& field : kBehindTheListener) add(fields, field.name, field.get(alert));
  return fields;
}

}  // namespace sockwatch
