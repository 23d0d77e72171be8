// SPDX-License-Identifier: Apache-2.0
// Where a socket sits, in the words of its family: the one home of how places are written. Names of UNIX
// sockets are foreign text as it is; each output escapes it its own way.
#pragma once

#include <string>

#include "lib/model/endpoint.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

// "/run/a.sock"; "@name" for an abstract one, and "./@name" for a file that is called so.
std::string unix_path(const Endpoint& endpoint);
// "eth0", or the index where the name is not known; "any" where it is not bound to one.
inline constexpr std::string_view kRemovedInterface = "gone";
std::string interface_text(const Endpoint& endpoint);
// Of vsock: "2", "any".
std::string cid_text(const Endpoint& endpoint);
// "0x0800", "any" for ETH_P_ALL.
std::string ethertype_text(std::uint32_t ethertype);

// What stands for the address: "fe80::1%2" (RFC 4007 11), a path, an interface, a CID.
std::string address_text(Protocol protocol, const Endpoint& endpoint);
// What stands for the port: the number, an ethertype, an IP protocol; empty where there is none.
std::string port_text(Protocol protocol, const Endpoint& endpoint);
// Both: "[fe80::1%2]:80", "@name", "eth0 (0x0800)", "0.0.0.0 (ip protocol 1)".
std::string place_text(Protocol protocol, const Endpoint& endpoint);

}  // namespace sockwatch
