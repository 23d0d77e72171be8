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

// What an earlier attempt left there goes first: a link would be followed, a pipe waited for.
Result<void> write_new(const std::string& path, std::string_view text) {
  (void)std::remove(path.c_str());  // where that fails, open(2) says why
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return Error::from_errno("create " + path, errno);
  if (auto written = write_all(fd.get(), text, path); !written.ok()) return written;
  if (::fsync(fd.get()) != 0) return Error::from_errno("fsync " + path, errno);
  return {};
}

Result<void> rename_to(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return Error::from_errno("rename " + from, errno);
  return {};
}

Result<void> move_aside(const std::string& path, const std::string& aside) {
  auto moved = rename_to(path, aside);
  if (moved.ok() || moved.error().code == ENOENT) return {};
  // A folder and a file do not take each other's place.
  if (std::remove(aside.c_str()) == 0) moved = rename_to(path, aside);
  return moved;
}

}  // namespace

Result<void> replace_file(const std::string& directory, const std::string& name, std::string_view text,
                          const std::string& keep_old_as) {
  const std::string path = directory + "/" + name;
  const std::string temporary = path + ".new";
  auto result = write_new(temporary, text);
  if (result.ok() && !keep_old_as.empty()) result = move_aside(path, directory + "/" + keep_old_as);
  if (result.ok()) result = rename_to(temporary, path);
  // What did not take the file's place is of no use; the first error is the one to tell.
  if (!result.ok()) (void)::unlink(temporary.c_str());
  return result.ok() ? sync_directory(directory) : result;
}

Result<void> sync_directory(const std::string& directory) {
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // EINVAL: a file system that has nothing to do there.
  if (!fd.valid() || (::fsync(fd.get()) != 0 && errno != EINVAL))
    return Error::from_errno("fsync " + directory, errno);
  return {};
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
