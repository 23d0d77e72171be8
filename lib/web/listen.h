// SPDX-License-Identifier: Apache-2.0
// Listening sockets for the HTTP server where systemd did not hand any over. Errors are one line that starts
// with the address: "127.0.0.1:10762: Address already in use".
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/config/listen_address.h"
#include "lib/model/endpoint.h"

namespace sockwatch {

// [::] takes IPv4 too, whatever net.ipv6.bindv6only says. Port 0 lets the kernel choose.
Result<UniqueFd> listen_tcp(const Endpoint& endpoint);

// The same. Where the kernel has no IPv6, :: takes IPv4 alone, and ::1 is an error.
Result<UniqueFd> listen_at(const ListenAddress& address);

// Looks up the host and the zone. A name may have several addresses: the first is taken, IPv4 before IPv6, as
// Prometheus' exporters do. May block for as long as the resolver takes.
Result<Endpoint> endpoint_of(const ListenAddress& address);

// A socket file left behind by a dead process is replaced, one in use is an error; any other file stays.
// Nobody can connect before `mode` is in force.
Result<UniqueFd> listen_unix(const std::string& path, mode_t mode);

}  // namespace sockwatch
