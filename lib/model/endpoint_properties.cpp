// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "lib/model/place.h"
#include "lib/model/property_lists.h"
#include "lib/model/property_values.h"

namespace sockwatch {
namespace {

using namespace property;

Protocol protocol(Socket s) {
  return s.listener != nullptr ? s.listener->protocol() : s.record.protocol;
}

bool is(Socket s, Protocol protocol) {
  return s.record.protocol == protocol;
}

bool is_unix(Protocol protocol) {
  return protocol == Protocol::Unix;
}

bool is_packet(Protocol protocol) {
  return protocol == Protocol::Packet;
}

bool is_ip(Socket s) {
  return has_ip_address(s.record.protocol);
}

bool has_number(Socket s) {
  return has_port(s.record.protocol) && s.record.local.port != 0;
}

// The one that a packet socket listens to, or that an IP socket is bound to.
Maybe interface(Socket s) {
  if (is(s, Protocol::Packet)) return text(interface_text(s.record.local));
  if (!is_ip(s) || s.record.local.interface_index == 0) return {};
  return text(s.record.device.empty() ? interface_text(s.record.local) : s.record.device);
}

Maybe v6only(Socket s) {
  return flag_if(s.listener->may_be_v6only(), !s.listener->covers_ipv4());
}

Maybe transparent(Socket s) {
  const std::optional<bool> transparent = s.listener->transparent();
  return flag_if(transparent && is_ip(s), transparent.value_or(false));
}

Maybe service(Socket s) {
  const auto& service = s.annotation.service;
  return service ? text(service->name) : Maybe();
}

constexpr std::array kEndpointRows = {
    Property{"protocol", kWord<Protocol>, kEverywhere, [](Socket s) { return word_of(protocol(s)); }},
    Property{"type", kWord<SocketType>, kEverywhere,
             [](Socket s) { return word_if(s.record.type != SocketType::None, s.record.type); }},
    Property{"address", kText, kEverywhere,
             [](Socket s) { return text_if(is_ip(s), address_text(s.record.protocol, s.record.local)); }},
    // Rules mean packet sockets by it; what an IP socket is bound to is part of how far it reaches.
    Property{
        .name = "interface", .type = kText, .uses = kEverywhere | kRule, .get = interface, .only = is_packet},
    Property{"ip_protocol", kNumber, kEverywhere,
             [](Socket s) { return number_if(is(s, Protocol::Raw), s.record.local.port); }},
    Property{"cid", kText, kEverywhere,
             [](Socket s) { return text_if(is(s, Protocol::Vsock), cid_text(s.record.local)); }},
    Property{.name = "path",
             .type = kText,
             .uses = kEverywhere | kRule,
             .get = [](Socket s) { return text_if(is(s, Protocol::Unix), unix_path(s.record.local)); },
             .only = is_unix},
    Property{"ethertype", kText, kEverywhere,
             [](Socket s) { return text_if(is(s, Protocol::Packet), ethertype_text(s.record.local.port)); }},
    Property{.name = "promiscuous",
             .type = kFlag,
             .uses = kEverywhere | kRule | kTest,
             .get = [](Socket s) { return flag_if(is(s, Protocol::Packet), s.record.promiscuous); },
             .only = is_packet,
             .set = [](Listener& l, const Value& value) { l.members.front().promiscuous = flag_in(value); }},
    Property{"port", kNumber, kEverywhere,
             [](Socket s) { return number_if(has_number(s), s.record.local.port); }},
    Property{.name = "v6only",
             .type = kFlag,
             .uses = kStanding | kTest,
             .get = v6only,
             .set = [](Listener& l, const Value& value) { l.members.front().v6only = flag_in(value); }},
    Property{.name = "transparent",
             .type = kFlag,
             .uses = kStanding | kTest,
             .get = transparent,
             .only = has_ip_address,
             .set = [](Listener& l, const Value& value) { l.members.front().transparent = flag_in(value); }},
    Property{.name = "bind",
             .type = kWord<Bind>,
             .uses = kStanding | kLabel,
             .get = [](Socket s) { return word_of(s.record.bind); },
             .shown = [](Socket s) { return s.record.bind != Bind::Unknown; }},
    Property{.name = "scope",
             .type = kWord<Scope>,
             .uses = kEverywhere | kLabel | kAlertLabel,
             .get = [](Socket s) { return word_of(s.annotation.scope); },
             .shown = [](Socket s) { return has_scope(s.record.protocol); },
             .lasting = [](Socket s) { return word_if(has_scope(s.record.protocol), s.annotation.scope); }},
    Property{.name = "category",
             .type = kWord<Category>,
             .uses = kEverywhere | kLabel,
             .get = [](Socket s) { return word_if(has_port(s.record.protocol), s.annotation.category); },
             .shown = has_number},
    Property{.name = "service",
             .type = kText,
             .uses = kEverywhere | kLabel | kChange,
             .get = service,
             .label = "port_name"},
    Property{.name = "namespace",
             .type = kText,
             .uses = kEverywhere | kRule | kTest,
             .get = [](Socket s) { return text(s.annotation.name_space); },
             .set = [](Listener& l, const Value& value) { l.annotation.name_space = text_in(value); }},
};

}  // namespace

std::span<const Property> endpoint_properties() {
  return kEndpointRows;
}

}  // namespace sockwatch
