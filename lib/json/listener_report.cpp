// SPDX-License-Identifier: Apache-2.0
#include "lib/json/listener_report.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

using nlohmann::ordered_json;

std::string text_at(const ordered_json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<WallTime> time_at(const ordered_json& row, const char* key) {
  return parse_rfc3339(text_at(row, key));
}

std::uint16_t port_at(const ordered_json& row) {
  const auto found = row.find("port");
  if (found == row.end() || !found->is_number_unsigned()) return 0;
  const auto port = found->get<std::uint64_t>();
  return port <= std::numeric_limits<std::uint16_t>::max() ? static_cast<std::uint16_t>(port)
                                                           : std::uint16_t{0};
}

ReportedListener listener_of(const ordered_json& row) {
  ReportedListener listener;
  listener.protocol = text_at(row, "protocol");
  listener.address = text_at(row, row.contains("cid") ? "cid" : "address");
  listener.port = port_at(row);
  listener.service = text_at(row, "service");
  listener.scope = text_at(row, "scope");
  listener.unit = text_at(row, "unit");
  listener.container = text_at(row, "container");
  listener.comm = text_at(row, "comm");
  listener.state = text_at(row, "state");
  listener.first_seen = time_at(row, "first_seen");
  listener.last_connection = time_at(row, "last_connection");
  listener.json = row.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
  return listener;
}

}  // namespace

Result<std::vector<ReportedListener>> read_listener_report(std::string_view text) {
  constexpr const char* kExpected = "not a list of sockets, expected {\"schema\":1,…,\"sockets\":[…]}";
  const ordered_json document = ordered_json::parse(text, nullptr, false);
  if (!document.is_object()) return Error{kExpected};
  const auto schema = document.find("schema");
  const auto sockets = document.find("sockets");
  if (schema == document.end() || *schema != 1 || sockets == document.end() || !sockets->is_array())
    return Error{kExpected};
  std::vector<ReportedListener> listeners;
  for (const ordered_json& row : *sockets) {
    if (!row.is_object()) return Error{kExpected};
    listeners.push_back(listener_of(row));
  }
  return listeners;
}

}  // namespace sockwatch
