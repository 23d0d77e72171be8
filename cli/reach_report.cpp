// SPDX-License-Identifier: Apache-2.0
#include "cli/reach_report.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/text.h"
#include "lib/json/json.h"

namespace sockwatch {
namespace {

constexpr std::size_t kSourcesShown = 3;

std::optional<std::uint8_t> transport_number(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
    case Protocol::Mptcp:
      return std::uint8_t{IPPROTO_TCP};
    case Protocol::Udp:
      return std::uint8_t{IPPROTO_UDP};
    case Protocol::Udplite:
      return std::uint8_t{IPPROTO_UDPLITE};
    case Protocol::Sctp:
      return std::uint8_t{IPPROTO_SCTP};
    default:
      return std::nullopt;
  }
}

std::string_view family_word(IpFamily family) {
  return family == IpFamily::V4 ? "ipv4" : "ipv6";
}

std::string texts_json(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(json_text(text));
  return json_list(quoted);
}

std::string way_json(const firewall::Way& way) {
  std::string json = "{\"interface\":" + json_text(way.interface) +
                     ",\"family\":" + json_text(family_word(way.family)) +
                     ",\"sources\":" + texts_json(way.prefixes_of(way.certain));
  // Whom the rules may let in, too, as far as anybody can tell.
  if (way.possible != way.certain) json += ",\"possible\":" + texts_json(way.prefixes_of(way.possible));
  return json + "}";
}

std::string sources_text(const firewall::Way& way) {
  if (way.everybody) return "every address";
  const firewall::AddressSet& sources = way.certain.empty() ? way.possible : way.certain;
  const std::vector<std::string> prefixes = way.prefixes_of(sources);
  std::string text;
  for (std::size_t i = 0; i < std::min(prefixes.size(), kSourcesShown); ++i)
    text += (i > 0 ? ", " : "") + prefixes[i];
  if (prefixes.size() > kSourcesShown)
    text += " and " + std::to_string(prefixes.size() - kSourcesShown) + " more";
  return way.certain.empty() ? "perhaps " + text : text;
}

void add_member(std::string& object, std::string_view name, const std::string& json) {
  object.pop_back();
  object += (object.size() > 1 ? "," : "") + json_text(name) + ":" + json + "}";
}

std::string fate_text(const firewall::Leaf& leaf) {
  const firewall::Packet& packet = leaf.packet;
  const std::string to = to_string(packet.destination) + " port " + std::to_string(packet.port);
  switch (leaf.fate) {
    case firewall::Leaf::Fate::Delivered:
      return "delivered to " + to;
    case firewall::Leaf::Fate::Forwarded:
      return "sent on to " + to + (packet.output == nullptr ? "" : " by " + packet.output->name);
    case firewall::Leaf::Fate::Dropped:
      return leaf.why.empty() ? "dropped" : "dropped: " + leaf.why;
    case firewall::Leaf::Fate::Undecided:
      return "cannot be decided";
  }
  return {};
}

}  // namespace

std::optional<firewall::ReachTarget> reach_target(const Listener& listener) {
  const auto transport = transport_number(listener.key.protocol);
  if (!transport || listener.key.local.port == 0 || listener.key.local.port > 0xFFFF) return std::nullopt;
  return firewall::ReachTarget{.transport = *transport,
                               .address = listener.key.local.address,
                               .port = static_cast<std::uint16_t>(listener.key.local.port),
                               .interface_index = listener.key.local.interface_index,
                               .covers_ipv4 = listener.covers_ipv4()};
}

Cell reach_cell(const firewall::Reach& reach) {
  constexpr std::array kPaints{Paint::Bad, Paint::Doubtful, Paint::Good, Paint::Faint, Paint::Doubtful};
  return {std::string(word(reach.word)), kPaints[static_cast<std::size_t>(reach.word)]};
}

std::string ways_text(const firewall::Reach& reach) {
  std::string text;
  for (const firewall::Way& way : reach.ways) {
    text += (text.empty() ? "" : "; ") + sources_text(way) + " by " + printable(way.interface) +
            (way.family == IpFamily::V6 ? " (IPv6)" : "");
  }
  return text;
}

std::string list_text(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& each : texts) text += (text.empty() ? "" : "; ") + printable(each);
  return text;
}

std::string with_reach(std::string object, const firewall::Reach& reach) {
  std::vector<std::string> ways;
  for (const firewall::Way& way : reach.ways) ways.push_back(way_json(way));
  add_member(object, "reach", json_text(word(reach.word)));
  add_member(object, "reach_from", json_list(ways));
  if (!reach.decided_by.empty()) add_member(object, "reach_decided_by", texts_json(reach.decided_by));
  if (!reach.unknown.empty()) add_member(object, "reach_unknown", texts_json(reach.unknown));
  if (!reach.published_to.empty()) add_member(object, "published_to", texts_json(reach.published_to));
  return object;
}

std::string published_protocol(const firewall::PublishedPort& port) {
  return port.transport == IPPROTO_TCP ? "tcp" : "udp";
}

std::string published_address(const firewall::PublishedPort& port) {
  return to_string(port.address);
}

std::string published_port(const firewall::PublishedPort& port) {
  std::string text = std::to_string(port.first_port);
  if (port.last_port != port.first_port) text += "-" + std::to_string(port.last_port);
  return text;
}

std::string published_to_text(const firewall::PublishedPort& port) {
  if (port.to_address.is_unspecified()) return list_text(port.reach.published_to);
  const std::string host = to_string(port.to_address);
  const std::string to_port = port.to_port == 0 ? published_port(port) : std::to_string(port.to_port);
  return port.to_address.family == IpFamily::V6 ? "[" + host + "]:" + to_port : host + ":" + to_port;
}

std::string published_json(const firewall::PublishedPort& port, const std::string& name_space) {
  std::string object = "{}";
  add_member(object, "protocol", json_text(published_protocol(port)));
  add_member(object, "address", json_text(published_address(port)));
  add_member(object, "port", std::to_string(port.first_port));
  if (port.last_port != port.first_port) add_member(object, "last_port", std::to_string(port.last_port));
  add_member(object, "published", "true");
  add_member(object, "namespace", json_text(name_space));
  return with_reach(std::move(object), port.reach);
}

bool is_same_endpoint(const firewall::PublishedPort& port, const Listener& listener) {
  const auto target = reach_target(listener);
  if (!target || target->transport != port.transport || target->port != port.first_port) return false;
  if (port.first_port != port.last_port) return false;
  return target->address == port.address ||
         (target->covers_ipv4 && port.address == IpAddress{IpFamily::V4, {}});
}

std::string path_text(const std::vector<firewall::Leaf>& leaves, const firewall::Reasons& reasons) {
  std::string text;
  for (const firewall::Leaf& leaf : leaves) {
    std::vector<const firewall::Step*> steps;
    for (const firewall::Step* step = leaf.packet.path.get(); step != nullptr; step = step->before.get())
      steps.push_back(step);
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      const firewall::Step& each = **step;
      text += "  " + std::string(word(each.hook)) + "  " + rule_name(*each.at.chain, each.at.rule) + ": " +
              printable(each.what) + "\n";
    }
    text += "  => " + printable(fate_text(leaf));
    if (leaf.packet.unusual)
      text += ", for a sender who does what ordinary ones do not (exceeds a limit, say)";
    const std::string open = list_text(reasons.texts(leaf.packet.reasons));
    text += (open.empty() ? "" : "; not decided: " + open) + "\n";
  }
  return text;
}

}  // namespace sockwatch
