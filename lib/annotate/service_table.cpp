// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/service_table.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <tuple>
#include <utility>

#include "lib/annotate/data/tables.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

// Reads the registry's rows one by one, from the first of `port` on. The file is sorted, so its text is its
// own index: nothing to build at start, nothing to keep but the pages that were touched.
class IanaReader {
 public:
  explicit IanaReader(std::uint16_t port) {
    while (rest_.starts_with('#')) rest_ = after_line(rest_);
    std::string_view candidates = rest_;  // whole lines; the first row wanted is in them or right behind them
    while (!candidates.empty()) {
      const std::size_t middle = line_start(candidates, candidates.size() / 2);
      if (port_of(candidates.substr(middle)) < port) {
        candidates = after_line(candidates.substr(middle));
        rest_ = rest_.substr(static_cast<std::size_t>(candidates.data() - rest_.data()));
      } else {
        candidates = candidates.substr(0, middle);
      }
    }
  }

  std::optional<ServiceRow> next() {
    if (rest_.empty()) return std::nullopt;
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    const std::size_t first = line.find(',');
    const std::size_t second = line.find(',', first + 1);
    ServiceRow row;
    row.port = port_of(line);
    row.protocol = parse_word<Protocol>(line.substr(first + 1, second - first - 1)).value_or(Protocol::Tcp);
    row.name = line.substr(second + 1);
    rest_ = after_line(rest_);
    return row;
  }

 private:
  static std::size_t line_start(std::string_view text, std::size_t offset) {
    return offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;  // npos + 1 is 0, where the first line starts
  }
  static std::string_view after_line(std::string_view text) {
    return text.substr(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  static std::uint16_t port_of(std::string_view line) {
    return parse_integer<std::uint16_t>(line.substr(0, line.find(','))).value_or(0);
  }

  std::string_view rest_ = kIanaPorts;
};

std::optional<Protocol> transport_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
    case Protocol::Mptcp:
      return Protocol::Tcp;
    case Protocol::Udp:
    case Protocol::Udplite:
      return Protocol::Udp;
    case Protocol::Sctp:
      return Protocol::Sctp;
    case Protocol::Raw:
    case Protocol::Packet:
    case Protocol::Unix:
    case Protocol::Vsock:
      break;
  }
  return std::nullopt;
}

Service service_of(const ServiceRow& row) {
  return {std::string(row.name),  std::string(row.title), std::string(row.title_ja),
          std::string(row.safer), row.encryption,         row.source};
}

auto order_of(const ServiceRow& row) {
  return std::tuple(row.port, row.protocol, row.source);
}

std::vector<ServiceTable::Entry> strongest_first(std::vector<ServiceRow> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ServiceRow& a, const ServiceRow& b) { return a.source < b.source; });
  std::vector<ServiceTable::Entry> entries;
  entries.reserve(rows.size());
  for (const ServiceRow& row : rows) entries.push_back({row.port, row.protocol, service_of(row)});
  return entries;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

ServiceTable::ServiceTable() {
  // Checked in and covered by a test: reading them cannot fail.
  add(read_service_rows("common-ports.tsv", kCommonPorts, ServiceSource::Common).value());
  add(read_service_rows("overlay-ports.tsv", kOverlayPorts, ServiceSource::Overlay).value());
}

Result<ServiceTable> ServiceTable::with_overrides(std::string_view file_name, std::string_view text) {
  auto copy = std::make_shared<const std::string>(text);
  auto rows = read_service_rows(file_name, *copy, ServiceSource::Override);
  if (!rows) return rows.error();
  ServiceTable table;
  table.override_text_ = std::move(copy);
  table.add(*std::move(rows));
  return table;
}

void ServiceTable::add(std::vector<ServiceRow> rows) {
  rows_.insert(rows_.end(), rows.begin(), rows.end());
  std::sort(rows_.begin(), rows_.end(),
            [](const ServiceRow& a, const ServiceRow& b) { return order_of(a) < order_of(b); });
}

std::optional<Service> ServiceTable::find(Protocol protocol, std::uint32_t wide_port) const {
  const auto transport = transport_of(protocol);
  if (!transport || wide_port > 65535) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(wide_port);
  const auto wanted = std::pair(port, *transport);
  const auto row = std::lower_bound(
      rows_.begin(), rows_.end(), wanted,
      [](const ServiceRow& r, const auto& key) { return std::pair(r.port, r.protocol) < key; });
  if (row != rows_.end() && std::pair(row->port, row->protocol) == wanted) return service_of(*row);
  IanaReader iana(port);
  for (auto assigned = iana.next(); assigned && assigned->port == port; assigned = iana.next()) {
    if (assigned->protocol == *transport) return service_of(*assigned);
  }
  return std::nullopt;
}

std::vector<ServiceTable::Entry> ServiceTable::entries_of(std::uint16_t port) const {
  std::vector<ServiceRow> found;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(found),
               [&](const ServiceRow& row) { return row.port == port; });
  IanaReader iana(port);
  for (auto row = iana.next(); row && row->port == port; row = iana.next()) found.push_back(*row);
  return strongest_first(std::move(found));
}

std::vector<ServiceTable::Entry> ServiceTable::entries_named(std::string_view name) const {
  const std::string wanted = lower_case(name);  // as all tables have their names
  std::vector<ServiceRow> found;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(found),
               [&](const ServiceRow& row) { return row.name == wanted; });
  IanaReader iana(1);
  while (const auto row = iana.next()) {
    if (row->name == wanted) found.push_back(*row);
  }
  return strongest_first(std::move(found));
}

}  // namespace sockwatch
