// SPDX-License-Identifier: Apache-2.0
// Whole files: written so that a reader, or a crash, only ever meets the old or the new one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace sockwatch {

// Writes `name` in the directory by way of a temporary file, fsync(2), rename(2) and fsync(2) of the
// directory. Mode 0600. Blocks on the disk. With `keep_old_as` whatever had the name, a folder too, gets that
// one first, once the new text is safe on the disk: a crash between the two leaves the old under its new name
// alone.
Result<void> replace_file(const std::string& directory, const std::string& name, std::string_view text,
                          const std::string& keep_old_as = {});

// What was renamed, made or removed in the directory is on the disk after it.
Result<void> sync_directory(const std::string& directory);

// A new file, readable for all that the umask lets; the error's code is EEXIST where the path is taken.
Result<void> create_file(const std::string& path, std::string_view text);

// All of the text at the end of a file that is there, or none of it. Owner, mode and links stay.
Result<void> append_to_file(const std::string& path, std::string_view text);

// Which file is behind a path and when it was last written, links followed: another stamp, another content.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t size = -1;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
// All as initialized where there is no such file.
FileStamp stamp_of(const std::string& path);

}  // namespace sockwatch
