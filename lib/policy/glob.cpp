// SPDX-License-Identifier: Apache-2.0
#include "lib/policy/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <string_view>

namespace sockwatch {
namespace {

constexpr std::string_view kSpecial = "*?[]\\";

bool is_special(const std::string& glob, std::size_t at) {
  return at < glob.size() && kSpecial.find(glob[at]) != std::string_view::npos;
}

// fnmatch(3) ends at a NUL, which abstract UNIX names may hold: it takes another byte's place, one that
// neither has.
bool whole_fits(std::string glob, std::string text) {
  const bool has_nul = glob.find('\0') != std::string::npos || text.find('\0') != std::string::npos;
  for (char free = '\x01'; has_nul && free != '\0'; ++free) {
    if (glob.find(free) != std::string::npos || text.find(free) != std::string::npos) continue;
    std::replace(glob.begin(), glob.end(), '\0', free);
    std::replace(text.begin(), text.end(), '\0', free);
    return ::fnmatch(glob.c_str(), text.c_str(), 0) == 0;
  }
  return !has_nul && ::fnmatch(glob.c_str(), text.c_str(), 0) == 0;
}

// With every backslash doubled that takes nothing special.
std::string with_own_backslashes(const std::string& glob) {
  std::string made;
  for (std::size_t at = 0; at < glob.size(); ++at) {
    made += glob[at];
    if (glob[at] != '\\') continue;
    if (is_special(glob, at + 1)) {
      made += glob[++at];
    } else {
      made += '\\';
    }
  }
  return made;
}

}  // namespace

bool glob_fits(const std::string& glob, const std::string& text) {
  if (whole_fits(glob, text)) return true;
  return glob.find('\\') != std::string::npos && whole_fits(with_own_backslashes(glob), text);
}

std::optional<std::string> literal_of(const std::string& glob) {
  std::string text;
  for (std::size_t at = 0; at < glob.size(); ++at) {
    const bool escapes = glob[at] == '\\' && is_special(glob, at + 1);
    if (escapes) {
      ++at;
    } else if (glob[at] != '\\' && glob[at] != ']' && is_special(glob, at)) {
      return std::nullopt;
    }
    text += glob[at];
  }
  return text;
}

}  // namespace sockwatch
