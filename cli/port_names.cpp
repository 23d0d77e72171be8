// SPDX-License-Identifier: Apache-2.0
#include "cli/port_names.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "lib/annotate/category.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

namespace sockwatch {
namespace {

// The tables name transports; these two run on the ports of another.
Protocol transport_of(Protocol protocol) {
  if (protocol == Protocol::Mptcp) return Protocol::Tcp;
  return protocol == Protocol::Udplite ? Protocol::Udp : protocol;
}

auto place_of(const ServiceTable::Entry& entry) {
  return std::tuple(entry.port, entry.protocol);
}

void add_text(std::vector<Field>& fields, std::string_view name, std::string_view text) {
  if (!text.empty()) fields.push_back({name, std::string(text)});
}

std::string port_json(const ServiceTable::Entry& entry) {
  const Service& service = entry.service;
  std::vector<Field> fields{{"port", std::uint64_t{entry.port}}};
  add_text(fields, "protocol", word(entry.protocol));
  add_text(fields, "service", service.name);
  add_text(fields, "title", service.title);
  add_text(fields, "title_ja", service.title_ja);
  add_text(fields, "category", word(category_of(entry.port)));
  if (service.encryption != Encryption::Unknown) add_text(fields, "encrypted", word(service.encryption));
  add_text(fields, "safer", service.safer);
  add_text(fields, "source", word(service.source));
  return json_object(fields);
}

}  // namespace

std::vector<ServiceTable::Entry> find_ports(const ServiceTable& services, const PortArgument& asked) {
  std::vector<ServiceTable::Entry> entries =
      asked.name.empty() ? services.entries_of(asked.port) : services.entries_named(asked.name);
  if (asked.protocol) {
    const Protocol wanted = transport_of(*asked.protocol);
    std::erase_if(entries, [wanted](const ServiceTable::Entry& entry) { return entry.protocol != wanted; });
  }
  std::stable_sort(
      entries.begin(), entries.end(),
      [](const ServiceTable::Entry& a, const ServiceTable::Entry& b) { return place_of(a) < place_of(b); });
  std::vector<ServiceTable::Entry> distinct;
  for (ServiceTable::Entry& entry : entries) {
    const bool said =
        std::any_of(distinct.begin(), distinct.end(), [&entry](const ServiceTable::Entry& before) {
          return place_of(before) == place_of(entry) && before.service.name == entry.service.name;
        });
    if (!said) distinct.push_back(std::move(entry));
  }
  return distinct;
}

TextTable port_table(std::span<const ServiceTable::Entry> entries) {
  TextTable table({{"PORT", Align::Right},
                   {"PROTO"},
                   {"SERVICE"},
                   {"CATEGORY"},
                   {"ENCRYPTED"},
                   {"SOURCE"},
                   {"TITLE", Align::Left, true, true},
                   {"SAFER", Align::Left, true, true}});
  for (const ServiceTable::Entry& entry : entries) {
    const Service& service = entry.service;
    const bool plain = service.encryption == Encryption::No;
    const bool unknown = service.encryption == Encryption::Unknown;
    table.add(
        {{std::to_string(entry.port)},
         {std::string(word(entry.protocol))},
         {service.name},
         {std::string(word(category_of(entry.port)))},
         {unknown ? "-" : std::string(word(service.encryption)), plain ? Paint::Doubtful : Paint::Plain},
         {std::string(word(service.source))},
         {service.title},
         {service.safer}});
  }
  return table;
}

std::string ports_document(std::span<const ServiceTable::Entry> entries) {
  std::vector<std::string> ports;
  for (const ServiceTable::Entry& entry : entries) ports.push_back(port_json(entry));
  const std::vector<JsonMember> members{{"ports", json_list(ports)}};
  return json_document(members);
}

std::string to_string(const PortArgument& asked) {
  std::string text =
      asked.name.empty() ? "port " + std::to_string(asked.port) : "\"" + printable(asked.name) + "\"";
  if (asked.protocol) text += "/" + std::string(word(*asked.protocol));
  return text;
}

}  // namespace sockwatch
