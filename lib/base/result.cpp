// SPDX-License-Identifier: Apache-2.0
#include "lib/base/result.h"

#include <cerrno>

#include <system_error>

namespace sockwatch {

Error Error::from_errno(std::string_view what, int errno_value) {
  return {std::string(what) + ": " + std::generic_category().message(errno_value), errno_value};
}

bool Error::is_refusal() const {
  return code == EACCES || code == EPERM;
}

Error Error::within(std::string_view context) const {
  return {std::string(context) + ": " + message, code};
}

}  // namespace sockwatch
