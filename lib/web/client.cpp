// SPDX-License-Identifier: Apache-2.0
#include "lib/web/client.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "lib/model/endpoint.h"

namespace sockwatch {
namespace {

Client client_at(IpAddress address) {
  const std::string text = to_string(address);
  const bool v4 = address.family == IpFamily::V4;
  if (v4 ? address.bytes[0] == 127 : text == "::1") return {"loopback", text};
  std::fill(address.bytes.begin() + (v4 ? 3 : 8), address.bytes.end(), std::uint8_t{0});
  return {to_string(address), text};
}

std::string user_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? std::to_string(peer.uid) : "";
}

}  // namespace

Client client_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info == nullptr) return {};
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(info->connect_fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return {};
  if (peer.ss_family == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    return client_at(IpAddress::v6(std::span<const std::uint8_t, 16>(v6.s6_addr, 16)));
  }
  if (peer.ss_family == AF_INET) {
    const in_addr& v4 = reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
    return client_at(
        IpAddress::v4(std::span<const std::uint8_t, 4>(reinterpret_cast<const std::uint8_t*>(&v4), 4)));
  }
  return {"unix", user_of(info->connect_fd)};
}

void ClientShares::add(const Client& client) {
  ++held_[client];
}

void ClientShares::remove(const Client& client) {
  const auto found = held_.find(client);
  if (found != held_.end() && --found->second == 0) held_.erase(found);
}

std::optional<Client> ClientShares::who_gives_way_to(const Client& newcomer) const {
  std::map<std::string, std::size_t> networks;
  for (const auto& [client, count] : held_) networks[client.network] += count;
  const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto largest = std::max_element(networks.begin(), networks.end(), fewer);
  if (largest == networks.end()) return std::nullopt;
  const bool other = largest->second > networks[newcomer.network] + 1;
  const std::string& network = other ? largest->first : newcomer.network;

  const std::pair<const Client, std::size_t>* most = nullptr;
  for (const auto& each : held_) {
    if (each.first.network == network && (most == nullptr || each.second > most->second)) most = &each;
  }
  if (most == nullptr) return std::nullopt;
  const auto own = held_.find(newcomer);
  const std::size_t has = own != held_.end() ? own->second : 0;
  if (!other && most->second <= has + 1) return std::nullopt;
  return most->first;
}

}  // namespace sockwatch
