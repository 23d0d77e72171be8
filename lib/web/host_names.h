// SPDX-License-Identifier: Apache-2.0
// The names under which this server may be asked. A web site can let its own name point to 127.0.0.1 (DNS
// rebinding): the browser then hands the answer to the site. Such a request gives itself away by its Host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockwatch {

// "host[:port]" of a Host header or a URI (RFC 9110 7.2). The name is lower-case and has no dot at its end.
struct Authority {
  std::string name;
  bool valid = false;
};
Authority parse_authority(std::string_view text);

class HostNames {
 public:
  // `own`: the machine's name. `allowed`: what an administrator adds, "*.example.com" for all below one name.
  HostNames(std::string_view own, const std::vector<std::string>& allowed);

  // An address is always admitted, since nobody can rebind one; so are localhost and what lies below it.
  bool admit(const Authority& asked) const;
  // Whether the administrator named any.
  bool is_configured() const { return configured_; }

 private:
  std::vector<std::string> names_;
  bool configured_;
};

}  // namespace sockwatch
