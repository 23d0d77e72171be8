// SPDX-License-Identifier: Apache-2.0
#include "lib/base/dir.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <climits>

#include "lib/base/directory_stream.h"

namespace sockwatch {

Error Dir::error(const char* what, const char* name) const {
  const int saved = errno;
  return Error::from_errno(std::string(what) + " " + path_ + (*name ? "/" : "") + name, saved);
}

Result<Dir> Dir::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return Error::from_errno("open " + path, errno);
  return Dir(std::move(fd), path);
}

Result<Dir> Dir::open_dir(const char* name) const {
  UniqueFd fd(::openat(fd_.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return error("open", name);
  return Dir(std::move(fd), path_ + "/" + name);
}

Result<std::string> Dir::read_file(const char* name, std::size_t cap) const {
  // O_NONBLOCK: a FIFO put where a file was expected must not hang the caller.
  const UniqueFd fd(::openat(fd_.get(), name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return error("open", name);
  std::string text;
  // A file that tells its size is refused before it is read.
  struct stat facts {};
  const bool told = ::fstat(fd.get(), &facts) == 0 && S_ISREG(facts.st_mode);
  if (told && facts.st_size > 0 && static_cast<std::size_t>(facts.st_size) > cap) {
    errno = EFBIG;
    return error("read", name);
  }
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error("read", name);
    if (n == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
    if (text.size() > cap) {
      errno = EFBIG;
      return error("read", name);
    }
  }
}

Result<std::string> Dir::read_link(const char* name) const {
  std::array<char, PATH_MAX> buffer;
  const ssize_t n = ::readlinkat(fd_.get(), name, buffer.data(), buffer.size());
  if (n < 0) return error("readlink", name);
  return std::string(buffer.data(), static_cast<std::size_t>(n));
}

bool Dir::has(const char* name) const {
  struct stat facts {};
  return ::fstatat(fd_.get(), name, &facts, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

Result<std::vector<std::string>> Dir::entries() const {
  const DirectoryStream stream = open_stream(fd_.get(), ".");
  if (!stream) return error("open", "");
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = next_entry(*stream)) {
    names.emplace_back(entry->d_name);
    errno = 0;
  }
  if (errno != 0) return error("readdir", "");
  return names;
}

Result<Dir::Identity> Dir::identity() const {
  struct stat facts {};
  if (::fstat(fd_.get(), &facts) != 0) return error("stat", "");
  return Identity{facts.st_ino, facts.st_uid};
}

Result<std::uint64_t> Dir::inode_of(const char* name) const {
  struct stat facts {};
  if (::fstatat(fd_.get(), name, &facts, 0) != 0) return error("stat", name);
  return static_cast<std::uint64_t>(facts.st_ino);
}

bool Dir::is_roots_alone(const char* name) const {
  struct stat facts {};
  if (::fstatat(fd_.get(), name, &facts, 0) != 0) return false;
  return facts.st_uid == 0 && (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace sockwatch
