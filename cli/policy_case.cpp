// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_case.h"

#include <linux/if_ether.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "cli/colour.h"
#include "cli/suggestion.h"
#include "lib/annotate/annotator.h"
#include "lib/base/text.h"
#include "lib/config/field.h"
#include "lib/config/toml_text.h"
#include "lib/model/properties.h"
#include "lib/policy/allow.h"
#include "lib/policy/judge.h"

namespace sockwatch {
namespace {

// What a kernel might hand out; any will do, for no rule can name it by number.
constexpr std::uint16_t kSomeAssignedPort = 49152;

SocketRecord& socket_of(PolicyCase& made) {
  return made.listener.members.front();
}

Owner& owner_of(PolicyCase& made) {
  return made.listener.annotation.owner;
}

Holder& holder_of(PolicyCase& made) {
  auto& holders = owner_of(made).holders;
  // No user's number: what was not said must not look like root.
  if (holders.empty()) holders.emplace_back().uid = std::numeric_limits<std::uint32_t>::max();
  return holders.front();
}

void read_protocol(const KeyValue& field, PolicyCase& made) {
  if (const auto protocol = field.word<Protocol>()) socket_of(made).protocol = *protocol;
}

void read_address(const KeyValue& field, PolicyCase& made) {
  constexpr std::string_view kExpected = "an address such as \"0.0.0.0\" or \"::1\"";
  const auto text = field.text(kExpected);
  if (!text) return;
  if (const auto address = parse_ip_address(*text)) {
    socket_of(made).local.address = *address;
  } else {
    field.reject("is not an address", kExpected);
  }
}

void read_port(const KeyValue& field, PolicyCase& made) {
  constexpr std::string_view kExpected = "a port from 1 to 65535 or \"assigned\"";
  SocketRecord& record = socket_of(made);
  if (field.as_text() != nullptr && *field.as_text() == "assigned") {
    record.local.port = kSomeAssignedPort;
    record.bind = Bind::Assigned;
  } else if (const auto port = field.integer(1, std::numeric_limits<std::uint16_t>::max(), kExpected)) {
    record.local.port = static_cast<std::uint16_t>(*port);
  }
}

// As it is shown: "@name" for an abstract one.
void read_path(const KeyValue& field, PolicyCase& made) {
  const std::string* given = field.as_text();  // an abstract name may hold NUL bytes
  auto path = given != nullptr ? std::optional(*given) : field.text("a path or \"@name\"");
  if (!path) return;
  if (path->starts_with('@')) path->front() = '\0';
  SocketRecord& record = socket_of(made);
  record.local.name = *std::move(path);
  record.type = SocketType::Stream;
}

void read_interface(const KeyValue& field, PolicyCase& made) {
  const auto name = field.text("an interface, or \"any\"");
  if (name && *name != "any") socket_of(made).device = *name;
}

template <typename Target>
void read_text(const KeyValue& field, Target& target) {
  if (auto text = field.text("a text")) target = *std::move(text);
}

void read_exe(const KeyValue& field, PolicyCase& made) {
  Holder& holder = holder_of(made);
  read_text(field, holder.exe);
  holder.comm = holder.exe.substr(holder.exe.rfind('/') + 1);
}

void read_verdict(const KeyValue& field, PolicyCase& made) {
  if (const auto verdict = field.word<VerdictKind>()) made.verdict = *verdict;
}

bool is_unix(Protocol protocol) {
  return protocol == Protocol::Unix;
}
bool is_packet(Protocol protocol) {
  return protocol == Protocol::Packet;
}
bool has_number(Protocol protocol) {
  return has_scope(protocol);
}

// As the property's type says; nothing where the problem is noted.
std::optional<Value> value_in(const KeyValue& field, const PropertyType& type) {
  if (type.kind == PropertyKind::Flag) {
    if (const auto flag = field.boolean()) return *flag;
  } else if (type.kind == PropertyKind::Word) {
    if (const auto word = field.one_of(type.words)) return std::string(*word);
  } else if (auto text = field.text("a text")) {
    return *std::move(text);
  }
  return std::nullopt;
}

struct CaseKey {
  std::string_view name;
  bool required = false;
  void (*read_own)(const KeyValue& field, PolicyCase& made) = nullptr;
  bool (*has)(Protocol protocol) = nullptr;       // whose sockets have such a thing; null: all
  bool (*may_have)(Protocol protocol) = nullptr;  // to whom it may be said besides, and need not
  const Property* property = nullptr;

  void read(const KeyValue& field, PolicyCase& made) const {
    if (property == nullptr) return read_own(field, made);
    if (const auto value = value_in(field, property->type)) property->set(made.listener, *value);
  }
};
constexpr std::array kOwnKeys{
    CaseKey{"name", false, [](const KeyValue& field, PolicyCase& made) { read_text(field, made.name); }},
    CaseKey{"protocol", true, read_protocol},
    CaseKey{"address", true, read_address, has_ip_address},
    CaseKey{"port", true, read_port, has_number},
    CaseKey{"path", true, read_path, is_unix},
    CaseKey{"interface", true, read_interface, is_packet, has_ip_address},
    CaseKey{"exe", false, read_exe},
    CaseKey{"verdict", true, read_verdict},
    CaseKey{"rule", false, [](const KeyValue& field, PolicyCase& made) { read_text(field, made.rule); }},
};

std::span<const CaseKey> case_keys() {
  static const std::vector<CaseKey> kAll = [] {
    std::vector<CaseKey> all(kOwnKeys.begin(), kOwnKeys.end());
    for (const Property& property : properties()) {
      if (property.uses.has(PropertyUse::Test))
        all.push_back({property.name, false, nullptr, property.only, nullptr, &property});
    }
    return all;
  }();
  return kAll;
}

// One that nobody has said anything about yet.
PolicyCase blank_case(std::string_view file, Position at) {
  PolicyCase made;
  made.file = file;
  made.at = at;
  SocketRecord record;
  record.bind = Bind::Explicit;
  // No user's number: what was not said must not look like root.
  record.uid = std::numeric_limits<std::uint32_t>::max();
  made.listener.members = {record};
  owner_of(made).state = OwnerState::Known;
  return made;
}

// The parts that follow from others.
void complete(PolicyCase& made, const Annotator& annotator) {
  SocketRecord& record = socket_of(made);
  const Protocol protocol = record.protocol;
  const bool listens = has_port(protocol) && protocol != Protocol::Udp && protocol != Protocol::Udplite;
  record.state = listens || is_unix(protocol) ? SocketState::Listen : SocketState::Close;
  if (is_packet(protocol)) {
    record.local.port = ETH_P_ALL;
    record.local.name = std::exchange(record.device, {});
  } else if (!record.device.empty()) {
    record.local.interface_index = record.device == "lo" ? 1 : 2;  // any other
  }
  made.listener.key = key_of(record);
  const std::string name_space = std::exchange(made.listener.annotation.name_space, "");
  annotator.describe(made.listener);
  if (!name_space.empty()) made.listener.annotation.name_space = name_space;
}

// Every socket has the keys of its protocol, and no other's.
void check_keys(const PolicyCase& made, const Table& table, Problems& problems) {
  const Protocol protocol = made.listener.members.front().protocol;
  for (const CaseKey& key : case_keys()) {
    const auto given = std::find_if(table.begin(), table.end(),
                                    [&key](const Entry& entry) { return entry.key == key.name; });
    const bool has = key.has == nullptr || key.has(protocol);
    const bool may_have = has || (key.may_have != nullptr && key.may_have(protocol));
    if (given == table.end() && key.required && has)
      problems.add(made.file, made.at,
                   "a socket without \"" + std::string(key.name) + "\", expected this key");
    if (given != table.end() && !may_have)
      KeyValue(made.file, *given, problems)
          .reject("in a socket of protocol \"" + std::string(word(protocol)) + "\"", "no such key");
  }
}

PolicyCase read_case(std::string_view file, Position at, const Table& table, Problems& problems) {
  PolicyCase made = blank_case(file, at);
  std::vector<std::string_view> names;
  for (const CaseKey& key : case_keys()) names.push_back(key.name);
  for (const Entry& entry : table) {
    const auto key = std::find_if(case_keys().begin(), case_keys().end(),
                                  [&entry](const CaseKey& known) { return known.name == entry.key; });
    if (key == case_keys().end()) {
      reject_unknown_key(file, entry, "a socket", names, problems);
    } else {
      key->read(KeyValue(file, entry, problems), made);
    }
  }
  check_keys(made, table, problems);
  return made;
}

std::string title_of(const PolicyCase& made) {
  return (made.name.empty() ? "" : "\"" + printable(made.name) + "\" ") + socket_text(made.listener);
}

std::string coloured(const std::string& line, Paint paint, bool colour) {
  return (colour ? painted(line, paint) : line) + "\n";
}

std::string failure_text(const PolicyCase& made, const Verdict& got, bool colour) {
  std::string wanted = "-  verdict = \"" + std::string(word(made.verdict)) + "\"";
  if (!made.rule.empty()) wanted += ", rule = " + toml_quote(made.rule);
  std::string is = "+  verdict = \"" + std::string(word(got.kind)) + "\", rule = " + toml_quote(got.rule);
  if (!got.origin.empty()) is += "  # " + printable(got.origin);
  std::string text = printable(made.file) + ":" + std::to_string(made.at.line) + ":" +
                     std::to_string(made.at.column) + ": " + title_of(made) + "\n" +
                     coloured(wanted, Paint::Bad, colour) + coloured(is, Paint::Good, colour);
  if (made.verdict == VerdictKind::Expected && got.kind == VerdictKind::Unexpected) {
    text += "these lines would expect it:\n" + allow_lines(made.listener);
  }
  return text + "\n";
}

std::string count_of(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " socket" : " sockets");
}

}  // namespace

Result<std::vector<PolicyCase>> parse_cases(std::string_view file, std::string_view text,
                                            const ServiceTable& services) {
  const auto document = parse_document(file, text);
  if (!document) return document.error();
  const Annotator annotator(services, std::nullopt);
  std::vector<PolicyCase> cases;
  Problems problems;
  for (const Entry& entry : *document) {
    constexpr std::array<std::string_view, 1> kKnown{"socket"};
    const KeyValue field(file, entry, problems);
    if (entry.key != "socket") {
      reject_unknown_key(file, entry, "a file of policy tests", kKnown, problems);
    } else if (entry.node.as<Array>() == nullptr) {
      field.wrong_type("[[socket]], in two brackets");
    } else {
      for (const KeyValue& each : field.one_or_more()) {
        const Table* table = each.table();
        if (table == nullptr) continue;
        cases.push_back(read_case(file, each.at(), *table, problems));
        complete(cases.back(), annotator);
      }
    }
  }
  if (!problems.empty()) return problems.error();
  return cases;
}

Trial try_policy(const Policy& policy, std::span<const PolicyCase> cases) {
  Trial trial;
  for (const PolicyCase& each : cases) {
    const bool sought = each.listener.annotation.owner.state == OwnerState::Budget;
    const Verdict got =
        judge(each.listener, policy, {}, sought ? OwnerEvidence::MayStillCome : OwnerEvidence::Final);
    ++trial.cases;
    ++trial.verdicts[static_cast<std::size_t>(got.kind)];
    const bool as_wanted = got.kind == each.verdict && (each.rule.empty() || each.rule == got.rule);
    if (!as_wanted) trial.failed.emplace_back(each, got);
  }
  return trial;
}

std::string trial_text(const Trial& trial, bool colour) {
  std::string text;
  for (const auto& [made, got] : trial.failed) text += failure_text(made, got, colour);
  std::string counts;
  for (const VerdictKind kind : all_of<VerdictKind>()) {
    const std::size_t count = trial.verdicts[static_cast<std::size_t>(kind)];
    if (count == 0) continue;
    counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(word(kind));
  }
  text += count_of(trial.cases) + (counts.empty() ? "" : ": " + counts) + "\n";
  if (trial.failed.empty()) return text;
  return text + "NOT as written: " + count_of(trial.failed.size()) + "\n";
}

}  // namespace sockwatch
