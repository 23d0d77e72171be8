// SPDX-License-Identifier: Apache-2.0
#include "lib/state/memory_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/text.h"
#include "lib/state/read_json.h"
#include "lib/state/stored_properties.h"

namespace sockwatch {
namespace {

std::string port_at(const Json& row, const char* key, Protocol protocol) {
  auto text = name_at(row, key);
  const auto port = parse_integer<std::uint32_t>(text);
  const bool fits = port && (*port <= 65535 || protocol == Protocol::Vsock);
  if (has_scope(protocol) && text != "assigned" && !fits)
    malformed(key, row.at(key), "a port or \"assigned\"");
  return text;
}

// What is not said is as it is of nearly all; files of before 0.2 say nothing.
void add_reach(Json& row, const Reach& reach) {
  if (!reach.device.empty()) row["device"] = printable(reach.device);
  if (!reach.ipv4) row["ipv4"] = false;
  if (!reach.ipv6) row["ipv6"] = false;
  if (reach.transparent) row["transparent"] = true;
}

Reach reach_at(const Json& row) {
  return {row.contains("device") ? name_at(row, "device") : "", row.value("ipv4", true),
          row.value("ipv6", true), row.value("transparent", false)};
}

WallTime time_at(const Json& row, const char* key) {
  return WallTime(Duration(integer_at<std::int64_t>(row, key)));
}

std::int64_t nanoseconds(WallTime time) {
  return time.time_since_epoch().count();
}

// The one whose program stands for the owner, so that the owner is the same when it is read back.
const Holder* naming_holder(const Owner& owner) {
  const auto named = std::find_if(owner.holders.begin(), owner.holders.end(),
                                  [](const Holder& holder) { return !holder.exe.empty(); });
  if (named != owner.holders.end()) return &*named;
  return owner.holders.empty() ? nullptr : &owner.holders.front();
}

void add_process(Json& row, const Holder& process) {
  row["pid"] = process.id.pid;
  row["start_ticks"] = process.id.start_ticks;
  row["comm"] = printable(process.comm);
  row["exe"] = printable(process.exe);
  row["uid"] = process.uid;
  row["user"] = printable(process.user);
}

// A pid means nothing after the next boot.
Holder process_at(const Json& row, bool same_boot) {
  ProcessId id{integer_at<std::int32_t>(row, "pid"), integer_at<std::uint64_t>(row, "start_ticks")};
  return {same_boot ? id : ProcessId{}, name_at(row, "comm"), name_at(row, "exe"),
          integer_at<std::uint32_t>(row, "uid"), name_at(row, "user")};
}

void add_owner(Json& row, const Owner& owner) {
  row["owner_state"] = word(owner.state);
  row["unit"] = printable(owner.unit);
  row["container"] = printable(owner.container);
  const Holder* named = naming_holder(owner);
  row["exe"] = named == nullptr ? "" : printable(named->exe);
  row["comm"] = named == nullptr ? "" : printable(named->comm);
  row["user"] = printable(owner.user);
  if (named != nullptr && named->id.pid != 0) add_process(row["holder"], *named);
  if (owner.creator_uid) row["creator_uid"] = *owner.creator_uid;
  if (!owner.creator_user.empty()) row["creator_user"] = printable(owner.creator_user);
  if (owner.opener) add_process(row["opener"], *owner.opener);
}

Owner owner_at(const Json& row, bool same_boot) {
  Owner owner;
  owner.state = word_at<OwnerState>(row, "owner_state");
  owner.unit = name_at(row, "unit");
  owner.container = name_at(row, "container");
  const std::string exe = name_at(row, "exe");
  const std::string comm = name_at(row, "comm");
  if (row.contains("holder")) {
    owner.holders.push_back(process_at(row.at("holder"), same_boot));
  } else if (!exe.empty() || !comm.empty()) {
    owner.holders.push_back({{}, comm, exe, 0});
  }
  if (row.contains("user")) owner.user = name_at(row, "user");
  if (row.contains("creator_uid")) owner.creator_uid = integer_at<std::uint32_t>(row, "creator_uid");
  if (row.contains("creator_user")) owner.creator_user = name_at(row, "creator_user");
  if (row.contains("opener")) owner.opener = process_at(row.at("opener"), same_boot);
  return owner;
}

// What was noted and still holds, or it would be told again after a restart of sockwatch.
void add_notes(Json& row, const Listener& listener) {
  if (listener.predecessor) add_owner(row["predecessor"], *listener.predecessor);
  for (const Owner& sharer : listener.sharers) add_owner(row["sharers"].emplace_back(), sharer);
  if (listener.exposed) row["exposed"] = true;
  if (!listener.decided) return;
  row["decided"] = word(listener.decided->kind);
  row["decided_rule"] = printable(listener.decided->rule);
}

void read_notes(const Json& row, bool same_boot, Listener& listener) {
  if (row.contains("predecessor")) listener.predecessor = owner_at(row.at("predecessor"), same_boot);
  if (row.contains("sharers")) {
    for (const Json& sharer : list_at(row, "sharers"))
      listener.sharers.push_back(owner_at(sharer, same_boot));
  }
  if (row.contains("exposed")) listener.exposed = row.at("exposed").get<bool>();
  if (!row.contains("decided")) return;
  listener.decided.emplace().kind = word_at<VerdictKind>(row, "decided");
  if (row.contains("decided_rule")) listener.decided->rule = name_at(row, "decided_rule");
}

}  // namespace

Json to_json(const Listener& listener) {
  Json row;
  if (listener.annotation.name_space != kHostNamespace) {
    row["namespace"] = printable(listener.annotation.name_space);
    row["namespace_id"] = static_cast<std::uint64_t>(listener.key.name_space);
  }
  row["protocol"] = word(listener.key.protocol);
  row["address"] = to_string(listener.key.local.address);
  row["port"] = listener.key.local.port;
  row["interface"] = listener.key.local.interface_index;
  if (!listener.key.local.name.empty()) row["name"] = printable(listener.key.local.name);
  if (listener.key.local.file != 0) row["file"] = listener.key.local.file;
  if (listener.key.type != SocketType::None) row["type"] = word(listener.key.type);
  if (listener.key.promiscuous) row["promiscuous"] = true;
  row["bind"] = word(listener.bind());
  row["v6only"] = listener.members.front().v6only;
  for (const SocketRecord& member : listener.members) {
    row["cookies"].push_back(member.id.cookie);
    row["drops"].push_back(member.drops);  // counted in drops_total already
  }
  add_owner(row, listener.annotation.owner);
  row["verdict"] = word(listener.verdict.kind);
  add_properties(row, listener);
  row["first_seen_ns"] = nanoseconds(listener.first_seen.wall);
  row["opened_ns"] = nanoseconds(listener.opened.wall);
  if (listener.last_connection) row["last_connection_ns"] = nanoseconds(*listener.last_connection);
  row["drops_total"] = listener.drops_total;
  add_notes(row, listener);
  return row;
}

namespace {

bool waits_in_listen(const ListenerKey& key) {
  switch (key.protocol) {
    case Protocol::Udp:
    case Protocol::Udplite:
    case Protocol::Raw:
    case Protocol::Packet:
      return false;
    case Protocol::Unix:
      return key.type != SocketType::Dgram;
    default:
      return true;
  }
}

std::vector<SocketRecord> members_from_json(const Json& row, const ListenerKey& key, bool same_boot) {
  SocketRecord record;
  record.id.name_space = key.name_space;
  record.protocol = key.protocol;
  record.local = key.local;
  record.type = key.type;
  record.promiscuous = key.promiscuous;
  record.state = waits_in_listen(key) ? SocketState::Listen : SocketState::Close;
  record.bind = word_at<Bind>(row, "bind");
  record.v6only = row.at("v6only").get<bool>();
  std::vector<SocketRecord> members;
  const Json& cookies = list_at(row, "cookies");
  const Json& drops = list_at(row, "drops");
  if (drops.size() != cookies.size()) malformed("drops", drops, "as many as there are cookies");
  for (std::size_t i = 0; i < cookies.size(); ++i) {
    const auto cookie = integer<std::uint64_t>("cookies", cookies[i]);
    record.id.cookie = same_boot ? cookie : 0;
    record.drops = integer<std::uint32_t>("drops", drops[i]);
    members.push_back(record);
  }
  if (members.empty()) throw MalformedMemory("a listener without sockets");
  return members;
}

// Only vsock's are longer than 16 bits.
std::uint32_t port_of(const Json& row) {
  if (word_at<Protocol>(row, "protocol") == Protocol::Vsock) return integer_at<std::uint32_t>(row, "port");
  return integer_at<std::uint16_t>(row, "port");
}

// A namespace does not outlive the machine's boot.
bool is_of_another_boot(const Json& row, bool same_boot) {
  return !same_boot && row.contains("namespace_id");
}

Listener listener_from_json(const Json& row, NamespaceId host, bool same_boot) {
  Listener listener;
  const bool elsewhere = row.contains("namespace_id");
  listener.annotation.name_space = elsewhere ? name_at(row, "namespace") : std::string(kHostNamespace);
  const auto address = parse_ip_address(row.at("address").get<std::string>());
  if (!address) malformed("address", row.at("address"), "an IP address");
  listener.key = {elsewhere ? NamespaceId{integer_at<std::uint64_t>(row, "namespace_id")} : host,
                  word_at<Protocol>(row, "protocol"),
                  {*address, port_of(row), integer_at<std::uint32_t>(row, "interface"),
                   row.contains("name") ? name_at(row, "name") : std::string(),
                   row.contains("file") ? integer_at<std::uint64_t>(row, "file") : 0},
                  row.contains("type") ? word_at<SocketType>(row, "type") : SocketType::None,
                  row.contains("promiscuous") && row.at("promiscuous").get<bool>()};
  listener.members = members_from_json(row, listener.key, same_boot);
  listener.annotation.owner = owner_at(row, same_boot);
  listener.verdict.kind = word_at<VerdictKind>(row, "verdict");
  read_properties(row, listener);
  listener.first_seen.wall = time_at(row, "first_seen_ns");
  listener.opened.wall = time_at(row, "opened_ns");
  if (row.contains("last_connection_ns")) listener.last_connection = time_at(row, "last_connection_ns");
  listener.drops_total = integer_at<std::uint64_t>(row, "drops_total");
  read_notes(row, same_boot, listener);
  return listener;
}

}  // namespace

Json to_json(const LearnedSet& learned) {
  Json rows = Json::array();
  for (const Identity& identity : learned) {
    rows.push_back({{"namespace", printable(identity.name_space)},
                    {"protocol", word(identity.protocol)},
                    {"port", printable(identity.port)},
                    {"scope", word(identity.scope)},
                    {"owner", printable(identity.owner)},
                    {"program", printable(identity.program)}});
    add_reach(rows.back(), identity.reach);
    if (identity.uid) rows.back()["uid"] = *identity.uid;
    if (identity.namespace_id != NamespaceId{})
      rows.back()["namespace_id"] = static_cast<std::uint64_t>(identity.namespace_id);
  }
  return rows;
}

LearnedSet learned_from_json(const Json& root, bool same_boot) {
  LearnedSet learned;
  for (const Json& row : list_at(root, "learned")) {
    Identity identity;
    identity.name_space = name_at(row, "namespace");
    identity.protocol = word_at<Protocol>(row, "protocol");
    identity.port = port_at(row, "port", identity.protocol);
    identity.scope = word_at<Scope>(row, "scope");
    identity.owner = name_at(row, "owner");
    if (row.contains("program")) identity.program = name_at(row, "program");
    identity.reach = reach_at(row);
    if (row.contains("uid")) identity.uid = integer_at<std::uint32_t>(row, "uid");
    if (row.contains("namespace_id"))
      identity.namespace_id = NamespaceId{integer_at<std::uint64_t>(row, "namespace_id")};
    if (!is_of_another_boot(row, same_boot)) learned.insert(std::move(identity));
  }
  return learned;
}

std::vector<Listener> listeners_from_json(const Json& root, NamespaceId host, bool same_boot) {
  std::vector<Listener> known;
  for (const Json& row : list_at(root, "listeners")) {
    if (!is_of_another_boot(row, same_boot)) known.push_back(listener_from_json(row, host, same_boot));
  }
  const auto by_key = [](const Listener& a, const Listener& b) { return a.key < b.key; };
  const auto same_key = [](const Listener& a, const Listener& b) { return a.key == b.key; };
  std::stable_sort(known.begin(), known.end(), by_key);
  known.erase(std::unique(known.begin(), known.end(), same_key), known.end());
  return known;
}

}  // namespace sockwatch
