// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/user_names.h"

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr const char* kFile = "passwd";
constexpr std::size_t kFileCap = std::size_t{4} << 20;
constexpr std::size_t kUidField = 2;

}  // namespace

void UserNames::refresh() {
  if (changed()) read();
}

std::string UserNames::name_of(std::uint32_t uid) const {
  const auto name = names_.find(uid);
  return name == names_.end() ? std::to_string(uid) : name->second;
}

std::optional<std::uint32_t> UserNames::uid_of(const std::string& user) const {
  for (const auto& [uid, name] : names_) {
    if (name == user) return uid;
  }
  return parse_integer<std::uint32_t>(user);
}

// Tools replace the file by a new one, so the inode counts as well: two edits can fall into one tick of the
// clock.
bool UserNames::changed() {
  struct stat now {};
  if (::fstatat(etc_.fd(), kFile, &now, 0) != 0) now = {};
  const bool same = now.st_ino == seen_.st_ino && now.st_size == seen_.st_size &&
                    now.st_mtim.tv_sec == seen_.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == seen_.st_mtim.tv_nsec;
  seen_ = now;
  return !same;
}

void UserNames::read() {
  names_.clear();
  const auto text = etc_.read_file(kFile, kFileCap);
  if (!text) return;  // numbers are an answer too
  for (const std::string_view line : split(*text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() <= kUidField || fields[0].empty()) continue;
    const auto uid = parse_integer<std::uint32_t>(fields[kUidField]);
    if (uid) names_.emplace(*uid, fields[0]);  // the first line of a uid wins, as in getpwuid(3)
  }
}

}  // namespace sockwatch
