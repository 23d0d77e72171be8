// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/packet.h"

#include <netinet/in.h>

#include <cstring>
#include <span>

namespace sockwatch::firewall {
namespace {

constexpr std::uint8_t kProtocolFamilyV4 = 2;  // NFPROTO_IPV4
constexpr std::uint8_t kProtocolFamilyV6 = 10;
constexpr std::uint32_t kStateInvalid = 1;  // as NF_CT_STATE_BIT() has them
constexpr std::uint32_t kStateNew = 8;
constexpr std::uint32_t kStateUntracked = 64;

// Of the header as the sender made it; offsets are those of RFC 791 and RFC 8200.
class HeaderView {
 public:
  HeaderView(const Flow& flow, const Packet& packet) : flow_(flow), packet_(packet) {}

  Octet network(std::uint32_t at) const {
    return flow_.family == IpFamily::V4 ? network_v4(at) : network_v6(at);
  }

  Octet transport(std::uint32_t at) const {
    if (at < 2) return source_port(at);
    if (at < 4) return port(packet_.port, packet_.port_known, at - 2);
    if (flow_.transport == IPPROTO_TCP) {
      if (at >= 8 && at < 12) return Octet::usually(0);  // nothing is acknowledged yet
      // A SYN without any other flag; those of ECN are the sender's choice.
      if (at == 13) return {.value = 0x02, .known = 0x3F, .usual = 0xC0, .reasons = reason("ECN")};
    }
    return unknown("transport header, byte " + std::to_string(at));
  }

  Octet source(std::uint32_t at) const {
    if (!packet_.source_known) return unknown("source address that a rule changed");
    return Octet::address(static_cast<std::uint8_t>(at));
  }

  Octet source_port(std::uint32_t at) const {
    return Octet::port(static_cast<std::uint8_t>(at), reason("source port"));
  }

  Octet destination(const IpAddress& address, bool known, std::uint32_t at) const {
    return known ? Octet::exactly(address.bytes[at]) : unknown("destination that a rule chose from several");
  }

  Octet port(std::uint16_t number, bool known, std::uint32_t at) const {
    if (!known) return unknown("port that a rule chose from several");
    return Octet::exactly(static_cast<std::uint8_t>(at == 0 ? number >> 8 : number & 0xFF));
  }

  Octet unknown(const std::string& what) const { return Octet::unknown(reason(what)); }

 private:
  ReasonSet reason(std::string_view what) const { return flow_.reasons.set_of(what); }

  Octet network_v4(std::uint32_t at) const {
    switch (at) {
      case 0:
        return {.value = 0x45, .known = 0xF0, .usual = 0x0F, .reasons = reason("IP options")};
      case 6:
        return {.value = 0, .usual = 0xBF, .reasons = reason("fragments")};  // but for "do not fragment"
      case 7:
        return {.value = 0, .usual = 0xFF, .reasons = reason("fragments")};
      case 8:
        return unknown("TTL");
      case 9:
        return Octet::exactly(flow_.transport);
      default:
        break;
    }
    if (at >= 12 && at < 16) return source(at - 12);
    if (at >= 16 && at < 20) return destination(packet_.destination, packet_.destination_known, at - 16);
    return unknown("IPv4 header, byte " + std::to_string(at));
  }

  Octet network_v6(std::uint32_t at) const {
    if (at == 0) return {.value = 0x60, .known = 0xF0, .reasons = reason("traffic class")};
    // There may be extension headers first.
    if (at == 6)
      return {.value = flow_.transport, .usual = 0xFF, .reasons = reason("IPv6 extension headers")};
    if (at == 7) return unknown("hop limit");
    if (at >= 8 && at < 24) return source(at - 8);
    if (at >= 24 && at < 40) return destination(packet_.destination, packet_.destination_known, at - 24);
    return unknown("IPv6 header, byte " + std::to_string(at));
  }

  const Flow& flow_;
  const Packet& packet_;
};

class Writer {
 public:
  Writer(Registers& registers, Register to) : registers_(registers), at_(to) {}
  Writer(const Writer&) = delete;  // what is padded is padded once
  ~Writer() { pad(registers_, at_); }

  void add(const Octet& octet) {
    if (at_ < kRegisterBytes) registers_[at_++] = octet;
  }
  template <typename Number>
  void number(Number value) {  // in the byte order of the machine, as the kernel has it
    std::array<std::uint8_t, sizeof value> bytes{};
    std::memcpy(bytes.data(), &value, sizeof value);
    for (const std::uint8_t byte : bytes) add(Octet::exactly(byte));
  }
  void name(const std::string& text) {  // IFNAMSIZ bytes
    for (std::size_t i = 0; i < 16; ++i)
      add(Octet::exactly(i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0}));
  }
  void unknown(std::size_t length, const Octet& octet) {
    for (std::size_t i = 0; i < length; ++i) add(octet);
  }

 private:
  Registers& registers_;
  std::size_t at_;
};

void write_mark(Writer& writer, const Mark& mark) {
  if (mark.unknown != 0) return writer.unknown(4, Octet::unknown(mark.unknown));
  writer.number(mark.value);
}

}  // namespace

bool Packet::like(const Packet& other) const {
  return unusual == other.unusual && destination == other.destination && port == other.port &&
         destination_known == other.destination_known && port_known == other.port_known &&
         source_known == other.source_known && mark == other.mark && flow_mark == other.flow_mark &&
         untracked == other.untracked && translated == other.translated && output == other.output &&
         output_known == other.output_known && let_in == other.let_in && translator == other.translator;
}

void Packet::take_in(const Packet& other) {
  sources = sources | other.sources;
  reasons |= other.reasons;
}

bool load(const LoadHeader& load, const Flow& flow, const Packet& packet, Registers& registers) {
  const HeaderView view(flow, packet);
  Writer writer(registers, load.to);
  for (std::uint32_t at = load.offset; at < load.offset + load.length; ++at) {
    switch (load.header) {
      case Header::Network:
        writer.add(view.network(at));
        break;
      case Header::Transport:
        writer.add(view.transport(at));
        break;
      case Header::Link:
        writer.add(view.unknown("link-layer header"));
        break;
      case Header::Payload:
        writer.add(view.unknown("content of the packet"));
        break;
    }
  }
  return true;
}

bool load(const LoadMeta& load, const Flow& flow, const Packet& packet, const Place& place,
          Registers& registers) {
  Writer writer(registers, load.to);
  const bool leaves =
      place.hook == Hook::Forward || place.hook == Hook::Postrouting || place.hook == Hook::Egress;
  const auto output_unknown = [&](std::size_t length) {
    if (!leaves || packet.output_known) return false;
    writer.unknown(length, Octet::unknown(flow.reasons.set_of("output interface")));
    return true;
  };
  const NetworkInterface* output = leaves ? packet.output : nullptr;
  switch (load.field) {
    case MetaField::InputIndex:
      writer.number(flow.input.index);
      return true;
    case MetaField::InputName:
      writer.name(flow.input.name);
      return true;
    case MetaField::InputType:
      writer.number(flow.input.type);
      return true;
    case MetaField::InputGroup:
      writer.number(flow.input.group);
      return true;
    case MetaField::OutputIndex:
      if (!output_unknown(4)) writer.number(output == nullptr ? std::uint32_t{0} : output->index);
      return true;
    case MetaField::OutputName:
      if (!output_unknown(16)) writer.name(output == nullptr ? std::string() : output->name);
      return true;
    case MetaField::OutputType:
      if (!output_unknown(2) && output != nullptr) writer.number(output->type);
      return output != nullptr || (leaves && !packet.output_known);
    case MetaField::OutputGroup:
      if (!output_unknown(4) && output != nullptr) writer.number(output->group);
      return output != nullptr || (leaves && !packet.output_known);
    case MetaField::Mark:
      write_mark(writer, packet.mark);
      return true;
    case MetaField::EtherType:
      writer.add(Octet::exactly(flow.family == IpFamily::V4 ? 0x08 : 0x86));
      writer.add(Octet::exactly(flow.family == IpFamily::V4 ? 0x00 : 0xDD));
      return true;
    case MetaField::Family:
      if (place.family == TableFamily::Netdev || place.family == TableFamily::Bridge) {
        writer.add(Octet::unknown(flow.reasons.set_of("meta nfproto outside of IP")));
      } else {
        writer.add(Octet::exactly(flow.family == IpFamily::V4 ? kProtocolFamilyV4 : kProtocolFamilyV6));
      }
      return true;
    case MetaField::Transport:
      writer.add(Octet::exactly(flow.transport));
      return true;
    case MetaField::PacketType:
      writer.add(Octet::exactly(flow.packet_type));
      return true;
  }
  return false;
}

bool load(const LoadFlow& load, const Flow& flow, const Packet& packet, const Place& place,
          Registers& registers) {
  Writer writer(registers, load.to);
  const bool tracked = place.tracked && !packet.untracked;
  if (load.field == FlowField::State) {
    writer.number(tracked ? kStateNew : packet.untracked ? kStateUntracked : kStateInvalid);
    return true;
  }
  if (!tracked && load.zero_without) writer.number(std::uint32_t{0});
  if (!tracked) return load.zero_without;
  const HeaderView view(flow, packet);
  const std::size_t width = width_of(flow.family) / 8;
  switch (load.field) {
    case FlowField::State:
      return true;
    case FlowField::Direction:
      writer.add(Octet::exactly(0));
      return true;
    case FlowField::Status: {
      // New, not confirmed; a new destination shows, whatever else is done to the packet does not matter
      // here.
      const bool changed = packet.destination != flow.destination || packet.port != flow.port;
      const bool settled = packet.destination_known && packet.port_known;
      const std::uint8_t known = settled ? 0x2F : 0x0F;
      const ReasonSet why = flow.reasons.set_of("ct status");
      writer.add({.value = static_cast<std::uint8_t>(changed && settled ? 0x20 : 0),
                  .known = known,
                  .reasons = why});
      writer.unknown(3, Octet::unknown(why));
      return true;
    }
    case FlowField::Mark:
      write_mark(writer, packet.flow_mark);
      return true;
    case FlowField::Zone:
      writer.unknown(2, view.unknown("ct zone"));
      return true;
    case FlowField::Family:
      writer.add(Octet::exactly(flow.family == IpFamily::V4 ? kProtocolFamilyV4 : kProtocolFamilyV6));
      return true;
    case FlowField::Transport:
      writer.add(Octet::exactly(flow.transport));
      return true;
    case FlowField::Source:
      for (std::uint32_t i = 0; i < width; ++i) writer.add(Octet::address(static_cast<std::uint8_t>(i)));
      return true;
    case FlowField::Destination:
      for (std::uint32_t i = 0; i < width; ++i) writer.add(Octet::exactly(flow.destination.bytes[i]));
      return true;
    case FlowField::SourcePort:
      writer.add(view.source_port(0)), writer.add(view.source_port(1));
      return true;
    case FlowField::DestinationPort:
      writer.add(view.port(flow.port, true, 0)), writer.add(view.port(flow.port, true, 1));
      return true;
  }
  return false;
}

}  // namespace sockwatch::firewall
