// SPDX-License-Identifier: Apache-2.0
#include "lib/reach/rule_run.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "lib/reach/route_question.h"

namespace sockwatch::firewall {
namespace {

// netmap: the network of the new address, the rest of the old one.
IpAddress mapped(const IpAddress& old, const IpAddress& first, const IpAddress& last) {
  IpAddress address = first;
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    const auto host = static_cast<std::uint8_t>(first.bytes[i] ^ last.bytes[i]);
    address.bytes[i] = static_cast<std::uint8_t>((old.bytes[i] & host) | (first.bytes[i] & ~host));
  }
  return address;
}

bool holds(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::Equal:
      return order == 0;
    case Comparison::NotEqual:
      return order != 0;
    case Comparison::Less:
      return order < 0;
    case Comparison::LessOrEqual:
      return order <= 0;
    case Comparison::Greater:
      return order > 0;
    case Comparison::GreaterOrEqual:
      return order >= 0;
  }
  return false;
}

Truth compared(Octets octets, const Compare& compare, IpFamily family) {
  const Constant lowest(compare.value.size(), 0);
  const Constant highest(compare.value.size(), 0xFF);
  switch (compare.comparison) {
    case Comparison::Equal:
      return equal(octets, compare.value, family);
    case Comparison::NotEqual:
      return !equal(octets, compare.value, family);
    case Comparison::LessOrEqual:
      return within(octets, lowest, compare.value, family);
    case Comparison::Greater:
      return !within(octets, lowest, compare.value, family);
    case Comparison::GreaterOrEqual:
      return within(octets, compare.value, highest, family);
    case Comparison::Less:
      return !within(octets, compare.value, highest, family);
  }
  return Truth::unknown();
}

std::size_t key_length(const NamedSet& set) {
  if (set.fields.size() == 1) return set.fields.front();
  std::size_t length = 0;
  for (const std::uint8_t field : set.fields) length += (field + 3U) / 4 * 4;
  return length;
}

// The first address of the interface that can talk to where the packet was sent, as redirect chooses it.
std::optional<IpAddress> own_address(const Flow& flow) {
  std::optional<IpAddress> any;
  for (const InterfaceAddress& each : flow.network.addresses) {
    if (each.interface_index != flow.input.index || each.address.family != flow.family) continue;
    if (flow.family == IpFamily::V4 || is_link_local(each.address) == is_link_local(flow.destination))
      return each.address;
    any = each.address;
  }
  return any;
}

}  // namespace

void RuleRun::run(Packet packet) {
  Registers registers{};
  run_from(0, std::move(packet), registers);
}

void RuleRun::run_from(std::size_t at, Packet packet, Registers& registers) {
  for (; at < here_.rule->expressions.size(); ++at) {
    next_ = at + 1;
    const Then then = std::visit([&](const auto& expression) { return step(expression, packet, registers); },
                                 here_.rule->expressions[at]);
    if (then == Then::Gone) return;
    if (then == Then::NoMatch) break;
  }
  sink_.go_on(std::move(packet));
}

void RuleRun::for_parts(const Truth& truth, ReasonSet why, const Packet& packet,
                        const std::function<void(Packet)>& take) {
  const auto part = [&](const AddressSet& sources, bool unusual) {
    if (sources.empty()) return;
    Packet taken = packet;
    taken.sources = sources;
    taken.unusual = unusual;
    if (!(sources & (truth.may - truth.must)).empty()) taken.reasons |= why;
    take(std::move(taken));
  };
  if (packet.unusual) return part(packet.sources & truth.somehow, true);
  part(packet.sources & truth.may, false);
  part(packet.sources & (truth.somehow - truth.may), true);
}

RuleRun::Then RuleRun::split(const Truth& truth, ReasonSet why, const Packet& packet,
                             const Registers& registers) {
  const std::size_t next = next_;
  if (why == 0 && truth.may != truth.must)
    why = flow_.reasons.set_of("a comparison with some bits of the source address");
  for_parts(truth, why, packet, [&](Packet part) {
    Registers copy = registers;
    run_from(next, std::move(part), copy);
  });
  for_parts(!truth, why, packet, [this](Packet part) { sink_.go_on(std::move(part)); });
  return Then::Gone;
}

RuleRun::Then RuleRun::give_up(Packet& packet, const std::string& why) {
  packet.reasons |= flow_.reasons.set_of(why);
  sink_.give_up(std::move(packet));
  return Then::Gone;
}

RuleRun::Then RuleRun::step(const LoadHeader& load, Packet& packet, Registers& registers) {
  return firewall::load(load, flow_, packet, registers) ? Then::GoOn : Then::NoMatch;
}

RuleRun::Then RuleRun::step(const LoadMeta& load, Packet& packet, Registers& registers) {
  return firewall::load(load, flow_, packet, place_, registers) ? Then::GoOn : Then::NoMatch;
}

RuleRun::Then RuleRun::step(const LoadFlow& load, Packet& packet, Registers& registers) {
  return firewall::load(load, flow_, packet, place_, registers) ? Then::GoOn : Then::NoMatch;
}

RuleRun::Then RuleRun::step(const LoadRoute& load, Packet& packet, Registers& registers) {
  const std::size_t next = next_;
  for (const RouteAnswer& answer : ask_routes(load, flow_, packet)) {
    if (answer.sources.empty()) continue;
    Registers copy = registers;
    if (answer.value) {
      write(copy, load.to, *answer.value);
    } else {
      write_unknown(copy, load.to, 16,
                    flow_.reasons.set_of("fib, where more than the main routing table counts"));
    }
    Packet part = packet;
    part.sources = answer.sources;
    run_from(next, std::move(part), copy);
  }
  return Then::Gone;
}

RuleRun::Then RuleRun::step(const LoadUnknown& load, Packet& packet, Registers& registers) {
  constexpr std::uint32_t kMostChoices = 64;
  const std::size_t next = next_;
  const ReasonSet why = flow_.reasons.set_of(load.what);
  if (load.choices == 0 || load.choices > kMostChoices) {
    write_unknown(registers, load.to, load.length, why);
    return Then::GoOn;
  }
  for (std::uint32_t i = 0; i < load.choices; ++i) {
    const std::uint32_t number = load.first + i;
    std::array<std::uint8_t, sizeof number> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    Registers copy = registers;
    write(copy, load.to, bytes);
    Packet part = packet;
    if (load.choices > 1) part.reasons |= why;
    run_from(next, std::move(part), copy);
  }
  return Then::Gone;
}

RuleRun::Then RuleRun::step(const Immediate& immediate, Packet&, Registers& registers) {
  write(registers, immediate.to, immediate.value);
  return Then::GoOn;
}

RuleRun::Then RuleRun::step(const Bitwise& bitwise, Packet&, Registers& registers) {
  perform(bitwise, registers);
  return Then::GoOn;
}

RuleRun::Then RuleRun::step(const Shift& shift, Packet&, Registers& registers) {
  if (!perform(shift, registers)) {
    const ReasonSet why = reasons_of(octets_at(registers, shift.from, shift.length));
    write_unknown(registers, shift.to, shift.length,
                  why | flow_.reasons.set_of("a shift of what is not known"));
  }
  return Then::GoOn;
}

RuleRun::Then RuleRun::step(const ByteOrder& order, Packet&, Registers& registers) {
  perform(order, registers);
  return Then::GoOn;
}

RuleRun::Then RuleRun::step(const Compare& compare, Packet& packet, Registers& registers) {
  const Octets octets = octets_at(registers, compare.from, compare.value.size());
  if (octets.size() != compare.value.size()) return give_up(packet, "a comparison past the registers");
  if (!all_exact(octets))
    return split(compared(octets, compare, flow_.family), reasons_of(octets), packet, registers);
  int order = 0;
  for (std::size_t i = 0; i < octets.size() && order == 0; ++i) order = octets[i].value - compare.value[i];
  return holds(compare.comparison, order) ? Then::GoOn : Then::NoMatch;
}

RuleRun::Then RuleRun::step(const InRange& range, Packet& packet, Registers& registers) {
  const Octets octets = octets_at(registers, range.from, range.first.size());
  if (octets.size() != range.first.size() || octets.size() != range.last.size())
    return give_up(packet, "a range past the registers");
  const Truth truth = within(octets, range.first, range.last, flow_.family);
  return split(range.invert ? !truth : truth, reasons_of(octets), packet, registers);
}

RuleRun::Then RuleRun::step(const Verdict& verdict, Packet& packet, Registers&) {
  sink_.decide(std::move(packet), verdict);
  return Then::Gone;
}

RuleRun::Then RuleRun::step(const Lookup& lookup, Packet& packet, Registers& registers) {
  const bool is_map = lookup.to_verdict || lookup.to_register;
  if (lookup.target >= flow_.rules.sets.size())
    return give_up(packet, "set " + lookup.set + ", which is not there");
  const NamedSet& set = flow_.rules.sets[lookup.target];
  const Octets key = octets_at(registers, lookup.from, key_length(set));
  if (!set.unreadable.empty() || key.size() != key_length(set)) {
    const std::string why =
        "set " + set.name + ": " + (set.unreadable.empty() ? "too long a key" : set.unreadable);
    return is_map ? give_up(packet, why)
                  : split(Truth::unknown(), flow_.reasons.set_of(why), packet, registers);
  }
  const std::vector<SetHit> hits = sets_.find(set, key, flow_.family);
  if (is_map) return look_up_map(lookup, hits, reasons_of(key), packet, registers);
  Truth found = Truth::known(false);
  for (const SetHit& hit : hits) found = found | hit.truth;
  return split(lookup.invert ? !found : found, reasons_of(key), packet, registers);
}

RuleRun::Then RuleRun::look_up_map(const Lookup& lookup, const std::vector<SetHit>& hits, ReasonSet why,
                                   const Packet& packet, const Registers& registers) {
  const std::size_t next = next_;
  Truth found = Truth::known(false);
  for (const SetHit& hit : hits) {
    found = found | hit.truth;
    for_parts(hit.truth, why, packet, [&](Packet part) {
      if (lookup.to_verdict) return sink_.decide(std::move(part), hit.element->verdict);
      Registers copy = registers;
      write(copy, lookup.to, hit.element->data);
      run_from(next, std::move(part), copy);
    });
  }
  for_parts(!found, why, packet, [this](Packet part) { sink_.go_on(std::move(part)); });
  return Then::Gone;
}

RuleRun::Then RuleRun::step(const Limit& limit, Packet& packet, Registers& registers) {
  return split(Truth::usually(!limit.over), 0, packet, registers);
}

RuleRun::Then RuleRun::step(const UnknownTest& test, Packet& packet, Registers& registers) {
  return split(Truth::unknown(), flow_.reasons.set_of(test.what), packet, registers);
}

RuleRun::Then RuleRun::step(const Undecidable& undecidable, Packet& packet, Registers&) {
  return give_up(packet, undecidable.what);
}

RuleRun::Then RuleRun::step(const SetMark& set, Packet& packet, Registers& registers) {
  Mark& mark = set.of_flow ? packet.flow_mark : packet.mark;
  const auto value = exact_number(registers, set.from);
  mark = {value.value_or(0), 0};
  if (!value) mark.unknown = reasons_of(octets_at(registers, set.from, 4)) | flow_.reasons.set_of("a mark");
  return Then::GoOn;
}

RuleRun::Then RuleRun::step(const Untrack&, Packet& packet, Registers&) {
  if (!place_.tracked) packet.untracked = true;  // else it is tracked already
  return Then::GoOn;
}

RuleRun::Then RuleRun::step(const WriteHeader& write, Packet& packet, Registers&) {
  const std::uint64_t end = std::uint64_t{write.offset} + write.length;
  const std::uint32_t first_address = flow_.family == IpFamily::V4 ? 12 : 8;
  const bool of_addresses = write.header == Header::Network && end > first_address;
  const bool of_ports = write.header == Header::Transport && write.offset < 4;
  if (of_addresses || of_ports) return give_up(packet, "a rule that writes addresses or ports into packets");
  return Then::GoOn;
}

void RuleRun::set_port(Packet& packet, const Registers& registers, Register first, Register last) {
  const auto port = exact_port(registers, first);
  packet.port_known = port && exact_port(registers, last) == port;
  packet.port = packet.port_known ? *port : std::uint16_t{0};
}

RuleRun::Then RuleRun::translated(Packet& packet) {
  packet.translated = true;
  packet.translator = here_;
  sink_.decide(std::move(packet), {Verdict::Kind::Accept});
  return Then::Gone;
}

RuleRun::Then RuleRun::step(const NewDestination& to, Packet& packet, Registers& registers) {
  if (!to.any_family && to.family != flow_.family) return Then::GoOn;
  if (to.has_address) {
    const auto first = exact_address(registers, to.address, flow_.family);
    const auto last = exact_address(registers, to.last_address, flow_.family);
    const bool one = first && last && (*first == *last || (to.keeps_host_part && packet.destination_known));
    packet.destination_known = one;
    packet.destination = !one              ? IpAddress{flow_.family, {}}
                         : *first == *last ? *first
                                           : mapped(packet.destination, *first, *last);
  }
  if (to.has_port) set_port(packet, registers, to.port, to.last_port);
  return translated(packet);
}

RuleRun::Then RuleRun::step(const ToThisMachine& to, Packet& packet, Registers& registers) {
  const auto address = own_address(flow_);
  if (!address) {
    sink_.decide(std::move(packet), {Verdict::Kind::Drop});
    return Then::Gone;
  }
  packet.destination = *address;
  if (to.has_port) set_port(packet, registers, to.port, to.last_port);
  return translated(packet);
}

RuleRun::Then RuleRun::step(const NewSource&, Packet& packet, Registers&) {
  packet.source_known = false;
  sink_.decide(std::move(packet), {Verdict::Kind::Accept});
  return Then::Gone;
}

RuleRun::Then RuleRun::step(const ToProxy&, Packet& packet, Registers&) {
  return give_up(packet, "tproxy: it depends on a program and its routes");
}

}  // namespace sockwatch::firewall
