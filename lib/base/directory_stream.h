// SPDX-License-Identifier: Apache-2.0
// The names of a directory one at a time, where Dir::entries() would build a list of thousands: the
// descriptors of a process, the cgroups of a machine.
#pragma once

#include <dirent.h>
#include <fcntl.h>

#include <memory>
#include <string_view>

#include "lib/base/unique_fd.h"

namespace sockwatch {

struct CloseDirectory {
  void operator()(DIR* stream) const { (void)::closedir(stream); }
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectory>;

// Null where it cannot be opened; errno says why.
inline DirectoryStream open_stream(int directory_fd, const char* name) {
  UniqueFd fd(::openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return nullptr;
  DirectoryStream stream(::fdopendir(fd.get()));
  if (stream) (void)fd.release();  // the stream owns it now
  return stream;
}

// Without "." and ".."; null at the end and where the directory vanished. Valid until the next call.
inline const dirent* next_entry(DIR& stream) {
  for (;;) {
    const dirent* entry = ::readdir(&stream);
    if (entry == nullptr) return nullptr;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return entry;
  }
}

}  // namespace sockwatch
