// SPDX-License-Identifier: Apache-2.0
#include "lib/alert/secret_file.h"

#include <algorithm>
#include <string_view>

#include "lib/base/dir.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;

}  // namespace

Result<std::string> read_secret(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const auto directory = Dir::open(slash == 0 ? "/" : path.substr(0, slash));
  if (!directory.ok()) return directory.error();
  const auto text = directory->read_file(path.substr(slash + 1).c_str(), kLargestSecret);
  if (!text.ok()) return text.error().within(path);
  const std::string_view secret = trim(*text);
  const bool is_one_line = std::none_of(secret.begin(), secret.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7F';  // the next line would be a header of its own
  });
  if (secret.empty() || !is_one_line) return Error{path + ": not one line of text"};
  return std::string(secret);
}

}  // namespace sockwatch
