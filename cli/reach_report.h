// SPDX-License-Identifier: Apache-2.0
// From where something can be reached, in words and as JSON. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/table.h"
#include "lib/model/listener.h"
#include "lib/reach/published.h"
#include "lib/reach/reach.h"

namespace sockwatch {

// What is asked about a listener; nothing for families that no IP packet reaches.
std::optional<firewall::ReachTarget> reach_target(const Listener& listener);

Cell reach_cell(const firewall::Reach& reach);

// "every address by eth0", "10.0.0.0/8 and 3 more by eth0"; empty where nobody gets in.
std::string ways_text(const firewall::Reach& reach);
// Comma-separated: rules, reasons.
std::string list_text(const std::vector<std::string>& texts);

// The JSON object of a socket with "reach", "reach_from", "reach_decided_by", "reach_unknown",
// "published_to".
std::string with_reach(std::string object, const firewall::Reach& reach);

// A port that is published from the network namespace of that name: a row of the same list.
std::string published_json(const firewall::PublishedPort& port, const std::string& name_space);

// "172.17.0.2:80", "172.17.0.2" with the port as it is.
std::string published_to_text(const firewall::PublishedPort& port);
std::string published_address(const firewall::PublishedPort& port);
std::string published_port(const firewall::PublishedPort& port);
std::string published_protocol(const firewall::PublishedPort& port);
// Whether the listener's row says it, too.
bool is_same_endpoint(const firewall::PublishedPort& port, const Listener& listener);

// A path, a line a step, oldest first: "input  ip filter INPUT, handle 7: jump ufw-user-input".
std::string path_text(const std::vector<firewall::Leaf>& leaves, const firewall::Reasons& reasons);

}  // namespace sockwatch
