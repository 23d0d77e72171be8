// SPDX-License-Identifier: Apache-2.0
#include "lib/config/config_files.h"

#include <algorithm>
#include <cerrno>

#include "lib/base/dir.h"
#include "lib/base/text.h"
#include "lib/config/problems.h"

namespace sockwatch {
namespace {

constexpr std::size_t kLargest = 1U << 20;

Error unreadable(const std::string& path, int code) {
  const std::string name = printable(path);
  if (code == EISDIR) return {name + ": is a directory, expected a file", code};
  if (code == ENOTDIR) return {name + ": its folder is not a directory", code};
  if (code == EFBIG) return {name + ": is larger than 1 MiB, expected a smaller file", code};
  return Error::from_errno(name + ": cannot be read", code);
}

Result<ConfigFile> read_in(const Dir& directory, const std::string& name, const std::string& path) {
  auto text = directory.read_file(name.c_str(), kLargest);
  if (!text) return unreadable(path, text.error().code);
  // As editors of Windows begin a text.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
  return ConfigFile{path, std::move(*text)};
}

}  // namespace

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<ConfigFile> read_config_file(const std::string& path) {
  const auto directory = Dir::open(directory_of(path));
  if (!directory) return unreadable(path, directory.error().code);
  const std::size_t slash = path.rfind('/');
  return read_in(*directory, slash == std::string::npos ? path : path.substr(slash + 1), path);
}

Result<std::vector<ConfigFile>> read_config_directory(const std::string& path) {
  std::vector<ConfigFile> files;
  const auto directory = Dir::open(path);
  if (!directory && directory.error().code == ENOENT) return files;
  if (!directory) return Error::from_errno(printable(path) + ": cannot be read", directory.error().code);
  auto names = directory->entries();
  if (!names) return Error::from_errno(printable(path) + ": cannot be read", names.error().code);
  std::sort(names->begin(), names->end());

  Problems problems;
  for (const std::string& name : *names) {
    if (name.front() == '.' || !name.ends_with(".toml")) continue;
    auto file = read_in(*directory, name, path + "/" + name);
    if (file) {
      files.push_back(std::move(*file));
    } else {
      problems.add(file.error());
    }
  }
  if (!problems.empty()) return problems.error();
  return files;
}

}  // namespace sockwatch
