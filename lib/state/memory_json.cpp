// SPDX-License-Identifier: Apache-2.0
#include "lib/state/memory_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

using Json = nlohmann::ordered_json;

template <typename E>
E word_at(const Json& row, const char* key) {
  const auto text = row.at(key).get<std::string>();
  if (const auto value = parse_word<E>(text)) return *value;
  throw MalformedMemory(std::string(key) + " = \"" + printable(text) + "\", expected " + list_of_words<E>());
}

// get<uint16_t>() would cut a large number short.
template <typename Integer>
Integer integer_at(const Json& row, const char* key) {
  const Json& value = row.at(key);
  const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() <= std::numeric_limits<Integer>::max();
  if (!fits) throw MalformedMemory(std::string(key) + " = " + value.dump() + ", expected a number of its size");
  return value.get<Integer>();
}

WallTime time_at(const Json& row, const char* key) {
  return WallTime(Duration(row.at(key).get<std::int64_t>()));
}

std::int64_t nanoseconds(WallTime time) { return time.time_since_epoch().count(); }

Json to_json(const Listener& listener) {
  Json row;
  row["protocol"] = word(listener.key.protocol);
  row["address"] = to_string(listener.key.local.address);
  row["port"] = listener.key.local.port;
  row["interface"] = listener.key.local.interface_index;
  row["bind"] = word(listener.bind());
  row["v6only"] = listener.members.front().v6only;
  for (const SocketRecord& member : listener.members) row["cookies"].push_back(member.id.cookie);
  const Owner& owner = listener.annotation.owner;
  row["owner_state"] = word(owner.state);
  row["unit"] = owner.unit;
  row["container"] = owner.container;
  row["exe"] = owner.holders.empty() ? "" : owner.holders.front().exe;
  row["comm"] = owner.holders.empty() ? "" : owner.holders.front().comm;
  row["verdict"] = word(listener.verdict.kind);
  row["first_seen_ns"] = nanoseconds(listener.first_seen.wall);
  row["opened_ns"] = nanoseconds(listener.opened.wall);
  if (listener.last_connection) row["last_connection_ns"] = nanoseconds(*listener.last_connection);
  row["drops_total"] = listener.drops_total;
  return row;
}

std::vector<SocketRecord> members_from_json(const Json& row, const ListenerKey& key, bool same_boot) {
  SocketRecord record;
  record.id.name_space = key.name_space;
  record.protocol = key.protocol;
  record.local = key.local;
  record.state = key.protocol == Protocol::Tcp ? SocketState::Listen : SocketState::Close;
  record.bind = word_at<Bind>(row, "bind");
  record.v6only = row.at("v6only").get<bool>();
  std::vector<SocketRecord> members;
  for (const Json& cookie : row.at("cookies")) {
    record.id.cookie = same_boot ? cookie.get<std::uint64_t>() : 0;
    members.push_back(record);
  }
  if (members.empty()) throw MalformedMemory("a listener without sockets");
  return members;
}

Listener listener_from_json(const Json& row, NamespaceId host, bool same_boot) {
  Listener listener;
  const auto text = row.at("address").get<std::string>();
  const auto address = parse_ip_address(text);
  if (!address) throw MalformedMemory("address = \"" + printable(text) + "\", expected an IP address");
  listener.key = {host, word_at<Protocol>(row, "protocol"),
                  {*address, integer_at<std::uint16_t>(row, "port"), integer_at<std::uint32_t>(row, "interface")}};
  listener.members = members_from_json(row, listener.key, same_boot);
  listener.annotation.name_space = "host";
  Owner& owner = listener.annotation.owner;
  owner.state = word_at<OwnerState>(row, "owner_state");
  owner.unit = row.at("unit").get<std::string>();
  owner.container = row.at("container").get<std::string>();
  const auto exe = row.at("exe").get<std::string>();
  const auto comm = row.at("comm").get<std::string>();
  if (!exe.empty() || !comm.empty()) owner.holders.push_back({{}, comm, exe, 0});
  listener.verdict.kind = word_at<VerdictKind>(row, "verdict");
  listener.first_seen.wall = time_at(row, "first_seen_ns");
  listener.opened.wall = time_at(row, "opened_ns");
  if (row.contains("last_connection_ns")) listener.last_connection = time_at(row, "last_connection_ns");
  listener.drops_total = integer_at<std::uint64_t>(row, "drops_total");
  return listener;
}

}  // namespace

Json to_json(const LearnedSet& learned) {
  Json rows = Json::array();
  for (const Identity& identity : learned) {
    rows.push_back({{"namespace", identity.name_space},
                    {"protocol", word(identity.protocol)},
                    {"port", identity.port},
                    {"scope", word(identity.scope)},
                    {"owner", identity.owner}});
  }
  return rows;
}

Json to_json(const std::vector<Listener>& known) {
  Json rows = Json::array();
  for (const Listener& listener : known) rows.push_back(to_json(listener));
  return rows;
}

LearnedSet learned_from_json(const Json& rows) {
  LearnedSet learned;
  for (const Json& row : rows) {
    learned.insert({row.at("namespace").get<std::string>(), word_at<Protocol>(row, "protocol"),
                    row.at("port").get<std::string>(), word_at<Scope>(row, "scope"),
                    row.at("owner").get<std::string>()});
  }
  return learned;
}

std::vector<Listener> listeners_from_json(const Json& rows, NamespaceId host, bool same_boot) {
  std::vector<Listener> known;
  for (const Json& row : rows) known.push_back(listener_from_json(row, host, same_boot));
  const auto by_key = [](const Listener& a, const Listener& b) { return a.key < b.key; };
  const auto same_key = [](const Listener& a, const Listener& b) { return a.key == b.key; };
  std::sort(known.begin(), known.end(), by_key);
  known.erase(std::unique(known.begin(), known.end(), same_key), known.end());
  return known;
}

}  // namespace sockwatch
