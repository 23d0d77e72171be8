// SPDX-License-Identifier: Apache-2.0
#include "lib/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "lib/base/unique_fd.h"

namespace sockwatch {
namespace {

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Error::from_errno("write " + path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> write_new(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return Error::from_errno("create " + path, errno);
  if (auto written = write_all(fd.get(), text, path); !written.ok()) return written;
  if (::fsync(fd.get()) != 0) return Error::from_errno("fsync " + path, errno);
  return {};
}

}  // namespace

Result<void> replace_file(const std::string& directory, const std::string& name, std::string_view text) {
  const std::string path = directory + "/" + name;
  const std::string temporary = path + ".new";
  auto result = write_new(temporary, text);
  if (result.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    result = Error::from_errno("rename " + temporary, errno);
  }
  // What did not take the file's place is of no use; the first error is the one to tell.
  if (!result.ok()) (void)::unlink(temporary.c_str());
  return result;
}

Result<void> create_file(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.valid()) return Error::from_errno("create " + path, errno);
  auto result = write_all(fd.get(), text, path);
  // Half a file is worse than none; the first error is the one to tell.
  if (!result.ok()) (void)::unlink(path.c_str());
  return result;
}

Result<void> append_to_file(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!fd.valid()) return Error::from_errno("open " + path, errno);
  const off_t before = ::lseek(fd.get(), 0, SEEK_END);
  if (before < 0) return Error::from_errno("seek in " + path, errno);
  auto result = write_all(fd.get(), text, path);
  // What it was before is the best that is left; the first error is the one to tell.
  if (!result.ok()) (void)!::ftruncate(fd.get(), before);
  return result;
}

FileStamp stamp_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {status.st_dev, status.st_ino, status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec,
          status.st_size};
}

}  // namespace sockwatch
