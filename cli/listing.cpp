// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.h"

#include <algorithm>

#include "cli/socket_tables.h"
#include "lib/json/json.h"

namespace sockwatch {

Depth depth_of(Selection selection) {
  return selection == Selection::Listeners ? Depth::Listeners : Depth::Everything;
}

void keep_only(Look& look, Selection selection) {
  if (selection == Selection::Connections) look.listeners.clear();
  if (selection == Selection::Listeners) look.connections.clear();
}

void keep_protocols(Look& look, Selection selection, const std::vector<Protocol>& named) {
  const auto is_named = [&](Protocol protocol) {
    return std::count(named.begin(), named.end(), protocol) > 0;
  };
  std::erase_if(look.listeners, [&](const OpenListener& open) {
    if (named.empty()) return selection != Selection::All && open.listener.only_counted();
    return !is_named(open.listener.protocol()) && !is_named(open.listener.key.protocol);
  });
  if (named.empty()) return;
  std::erase_if(look.connections,
                [&](const SeenConnection& connection) { return !is_named(connection.record.protocol); });
}

void drop_service_names(Look& look) {
  for (OpenListener& open : look.listeners) open.listener.annotation.service.reset();
  for (SeenConnection& connection : look.connections) connection.annotation.service.reset();
}

bool keep_only_namespace(Look& look, const std::string& name) {
  std::erase_if(look.listeners,
                [&name](const OpenListener& open) { return open.listener.annotation.name_space != name; });
  std::erase_if(look.connections, [&name](const SeenConnection& connection) {
    return connection.annotation.name_space != name;
  });
  return std::find(look.namespaces.begin(), look.namespaces.end(), name) != look.namespaces.end();
}

std::string listing_text(const Look& look, Selection selection, const TableStyle& style) {
  std::string text;
  if (selection != Selection::Connections) text += listener_table(look.listeners).render(style);
  if (selection == Selection::All) text += "\n";
  if (selection != Selection::Listeners) text += connection_table(look.connections).render(style);
  return text;
}

std::string listing_document(const Look& look) {
  std::vector<std::string> sockets;
  for (const OpenListener& open : look.listeners)
    sockets.push_back(listener_json(open.listener, open.connections));
  for (const SeenConnection& connection : look.connections) {
    sockets.push_back(connection_json(connection.record, connection.annotation, connection.direction));
  }
  const std::vector<Unseen> gaps = gaps_of(look);
  return list_document(gaps.empty(), gaps, sockets);
}

}  // namespace sockwatch
