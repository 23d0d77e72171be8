// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/rule_keys.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "lib/base/text.h"
#include "lib/policy/builtin.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kPortForms =
    "a port from 1 to 65535, a range such as \"8000-8100\", a service name or \"assigned\"";

// On one line and valid UTF-8. A backslash is a byte like any other: "DOMAIN\\web".
bool is_plain_text(std::string text) {
  std::erase(text, '\\');
  return printable(text) == text;
}

void read_name(const KeyValue& field, Rule& rule, const ServiceLookup&) {
  constexpr std::string_view kExpected = "a name of 1 to 64 printable bytes";
  const auto name = field.text(kExpected);
  if (!name) return;
  // It becomes a metric's label and a journal field.
  if (name->empty() || name->size() > kLongestName || !is_plain_text(*name)) {
    field.reject("is not a valid name", kExpected);
  } else if (std::find(kReservedNames.begin(), kReservedNames.end(), *name) != kReservedNames.end()) {
    field.reject("is a name of sockwatch's own", "another name");
  } else {
    rule.name = *name;
  }
}

template <auto member>
void read_word(const KeyValue& field, Rule& rule, const ServiceLookup&) {
  using E = std::remove_reference_t<decltype(rule.*member)>;
  if (const auto word = field.word<E>()) rule.*member = *word;
}

void read_protocol(const KeyValue& field, Rule& rule, const ServiceLookup&) {
  for (const KeyValue& each : field.one_or_more()) {
    if (const auto protocol = each.word<Protocol>()) rule.protocols.push_back(*protocol);
  }
}

bool meant_by(const Rule& rule, Protocol protocol) {
  return rule.protocols.empty() ||
         std::find(rule.protocols.begin(), rule.protocols.end(), protocol) != rule.protocols.end();
}

void read_service(const KeyValue& field, const std::string& name, Rule& rule, const ServiceLookup& lookup) {
  const std::vector<NamedPort> named = lookup ? lookup(name) : std::vector<NamedPort>{};
  if (named.empty()) return field.reject("is neither a range nor a known service", kPortForms);
  bool meant = false;
  for (const NamedPort& each : named) {
    if (!meant_by(rule, each.protocol)) continue;
    rule.ports.push_back({each.port, each.port, each.protocol});
    meant = true;
  }
  if (!meant) field.reject("has no port for the rule's protocol", "a service of that protocol");
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void read_one_port(const KeyValue& field, Rule& rule, const ServiceLookup& lookup) {
  if (field.as_text() == nullptr) {
    const auto number = field.integer(1, 65535, kPortForms);
    const auto port = static_cast<std::uint16_t>(number.value_or(0));
    if (number) rule.ports.push_back({port, port, std::nullopt});
    return;
  }
  const auto text = field.text(kPortForms);
  if (!text) return;
  if (*text == "assigned") {
    rule.assigned_ports = true;
    return;
  }
  const auto parts = split(*text, '-');
  if (parts.size() > 2 || !is_number(parts.front()) || !is_number(parts.back())) {
    return read_service(field, *text, rule, lookup);
  }
  const auto first = parse_integer<std::uint16_t>(parts.front());
  const auto last = parse_integer<std::uint16_t>(parts.back());
  if (!first || !last || *first == 0) return field.reject("is out of range", kPortForms);
  if (*first > *last) return field.reject("runs backwards", kPortForms);
  rule.ports.push_back({*first, *last, std::nullopt});
}

void read_port(const KeyValue& field, Rule& rule, const ServiceLookup& lookup) {
  for (const KeyValue& each : field.one_or_more()) read_one_port(each, rule, lookup);
}

void read_address(const KeyValue& field, Rule& rule, const ServiceLookup&) {
  for (const KeyValue& each : field.one_or_more()) {
    const auto text = each.text("a scope, an address or a CIDR");
    if (!text) continue;
    if (const auto scope = parse_word<Scope>(*text)) {
      rule.scopes.push_back(*scope);
      continue;
    }
    const auto network = parse_network(*text);
    if (network) rule.networks.push_back(*network);
    if (!network) each.reject(network.error());
  }
}

// The length of the bracket expression that `glob` begins with; 0 where it is not closed.
std::size_t bracket_length(std::string_view glob) {
  std::size_t at = 1;
  if (at < glob.size() && (glob[at] == '!' || glob[at] == '^')) ++at;
  // A first "]" stands for itself.
  const std::size_t end = at < glob.size() ? glob.find(']', at + 1) : std::string_view::npos;
  return end == std::string_view::npos ? 0 : end + 1;
}

// fnmatch(3) has no errors: it takes an open bracket for itself, and such a glob silently never matches.
bool is_closed_glob(std::string_view glob) {
  while (!glob.empty()) {
    std::size_t length = 1;
    if (glob.front() == '\\') length = glob.size() > 1 ? 2 : 0;
    if (glob.front() == '[') length = bracket_length(glob);
    if (length == 0) return false;
    glob.remove_prefix(length);
  }
  return true;
}

std::vector<std::string> globs_in(const KeyValue& field) {
  constexpr std::string_view kExpected = "a glob such as \"ssh*\"";
  std::vector<std::string> globs;
  for (const KeyValue& each : field.one_or_more()) {
    // Abstract UNIX names alone may hold NUL bytes.
    const std::string* any_bytes = field.name() == "path" ? each.as_text() : nullptr;
    const auto glob = any_bytes != nullptr ? std::optional(*any_bytes) : each.text(kExpected);
    if (!glob) continue;
    if (glob->empty()) {
      each.reject("is empty", kExpected);
    } else if (!is_closed_glob(*glob)) {
      each.reject("has an open [ or a \\ at its end", kExpected);
    } else {
      globs.push_back(*glob);
    }
  }
  return globs;
}

template <std::vector<std::string> Rule::*globs>
void read_globs(const KeyValue& field, Rule& rule, const ServiceLookup&) {
  rule.*globs = globs_in(field);
}

std::vector<std::string> words_in(const KeyValue& field, std::span<const std::string_view> words) {
  std::vector<std::string> found;
  for (const KeyValue& each : field.one_or_more()) {
    if (const auto word = each.one_of(words)) found.emplace_back(*word);
  }
  return found;
}

std::vector<std::string> flag_in(const KeyValue& field) {
  const std::optional<bool> flag = field.boolean();
  return flag ? std::vector<std::string>{text_of(*flag)} : std::vector<std::string>{};
}

std::vector<std::string> values_in(const KeyValue& field, const PropertyType& type) {
  if (type.kind == PropertyKind::Word) return words_in(field, type.words);
  return type.kind == PropertyKind::Flag ? flag_in(field) : globs_in(field);
}

void read_required(const KeyValue& field, Rule& rule, const ServiceLookup&) {
  rule.required = field.boolean().value_or(false);
}

void read_reason(const KeyValue& field, Rule& rule, const ServiceLookup&) {
  rule.reason = field.text("a text").value_or("");
}

constexpr std::array kBeforeProperties = {
    RuleKey{"name", read_name},
    RuleKey{"action", read_word<&Rule::action>},
    RuleKey{"protocol", read_protocol},
    RuleKey{"port", read_port},
    RuleKey{"address", read_address},
    RuleKey{"unit", read_globs<&Rule::units>},
    RuleKey{"exe", read_globs<&Rule::exes>},
    RuleKey{"user", read_globs<&Rule::users>},
    RuleKey{"container", read_globs<&Rule::containers>},
};
constexpr std::array kBehindProperties = {
    RuleKey{"required", read_required},
    RuleKey{"severity", read_word<&Rule::severity>},
    RuleKey{"reason", read_reason},
};

}  // namespace

void RuleKey::read(const KeyValue& field, Rule& rule, const ServiceLookup& lookup) const {
  if (property == nullptr) return read_own(field, rule, lookup);
  std::vector<std::string> values = values_in(field, property->type);
  if (!values.empty()) rule.properties[property->name] = std::move(values);
}

std::span<const RuleKey> rule_keys() {
  static const std::vector<RuleKey> kAll = [] {
    std::vector<RuleKey> all(kBeforeProperties.begin(), kBeforeProperties.end());
    for (const Property& property : properties()) {
      if (property.uses.has(PropertyUse::Rule)) all.push_back({property.name, nullptr, &property});
    }
    all.insert(all.end(), kBehindProperties.begin(), kBehindProperties.end());
    return all;
  }();
  return kAll;
}

}  // namespace sockwatch
