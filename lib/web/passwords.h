// SPDX-License-Identifier: Apache-2.0
// Passwords of HTTP's basic authentication (RFC 7617) against bcrypt hashes. The one door to crypt(3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockwatch {

struct Credentials {
  std::string user;
  std::string password;

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

// Of an Authorization header; any bytes may come in. Nothing where it is of another scheme or malformed.
std::optional<Credentials> parse_basic(std::string_view authorization);

// The hash's own: 4 to 31; 0 where it is none.
unsigned cost_of(std::string_view hash);

// Blocks for as long as the hash's cost demands: 55 ms at 10, twice that for each step more. Where it does
// not fit, for as long as one of the cost `dearest` demands, so that the time tells nobody which of the users
// was meant, or none. Any thread.
bool password_fits(std::string_view password, const std::string& hash, unsigned dearest = 0);

// Tells, without keeping the password, whether it is the one that was checked before.
std::string fingerprint(std::string_view password, std::string_view hash);

}  // namespace sockwatch
