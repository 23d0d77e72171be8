// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.h"

#include <algorithm>

#include "cli/reach_report.h"
#include "cli/socket_tables.h"
#include "lib/json/json.h"

namespace sockwatch {

Depth depth_of(Selection selection) {
  return selection == Selection::Listeners ? Depth::Listeners : Depth::Everything;
}

void keep_only(Look& look, Selection selection) {
  if (selection == Selection::Connections) {
    look.listeners.clear();
    look.published.clear();
  }
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
  std::erase_if(look.published, [&](const firewall::PublishedPort& port) {
    return !is_named(parse_word<Protocol>(published_protocol(port)).value_or(Protocol::Tcp));
  });
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
  if (name != kHostNamespace) look.published.clear();
  return std::find(look.namespaces.begin(), look.namespaces.end(), name) != look.namespaces.end();
}

void keep_reach(Look& look, const std::vector<firewall::ReachWord>& words) {
  const auto is_wanted = [&words](const firewall::Reach& reach) {
    return std::find(words.begin(), words.end(), reach.word) != words.end();
  };
  std::erase_if(look.listeners,
                [&](const OpenListener& open) { return !open.reach || !is_wanted(*open.reach); });
  std::erase_if(look.published, [&](const firewall::PublishedPort& port) { return !is_wanted(port.reach); });
}

std::string listing_text(const Look& look, Selection selection, const TableStyle& style) {
  std::string text;
  if (selection != Selection::Connections)
    text += listener_table(look.listeners, look.published).render(style);
  if (selection == Selection::All) text += "\n";
  if (selection != Selection::Listeners) text += connection_table(look.connections).render(style);
  return text;
}

std::string listing_document(const Look& look) {
  std::vector<std::string> sockets;
  for (const OpenListener& open : look.listeners) {
    std::string object = listener_json(open.listener, open.connections);
    sockets.push_back(open.reach ? with_reach(std::move(object), *open.reach) : std::move(object));
  }
  for (const firewall::PublishedPort& port : look.published)
    sockets.push_back(published_json(port, std::string(kHostNamespace)));
  for (const SeenConnection& connection : look.connections) {
    sockets.push_back(connection_json(connection.record, connection.annotation, connection.direction));
  }
  const std::vector<Unseen> gaps = gaps_of(look);
  return list_document(gaps.empty(), gaps, sockets);
}

}  // namespace sockwatch
