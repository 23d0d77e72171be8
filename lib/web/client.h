// SPDX-License-Identifier: Apache-2.0
// Who a connection comes from, and the shares of what there is too little of: one client, however many
// connections it opens, takes nothing from the others.
#pragma once

#include <microhttpd.h>

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace sockwatch {

struct Client {
  std::string network;  // whose addresses one owner has many of: loopback, 192.0.2.0/24, 2001:db8::/64
  std::string address;  // unix: the user

  friend auto operator<=>(const Client&, const Client&) = default;
};

// Both parts are empty where the connection is gone.
Client client_of(MHD_Connection* connection);

// How many places each client holds.
class ClientShares {
 public:
  void add(const Client& client);
  void remove(const Client& client);

  // Where no place is left: the client that has to give one up, because it holds more than the newcomer will.
  // First the networks are compared, then the addresses of one network.
  std::optional<Client> who_gives_way_to(const Client& newcomer) const;

 private:
  std::map<Client, std::size_t> held_;
};

}  // namespace sockwatch
