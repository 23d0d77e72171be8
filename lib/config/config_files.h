// SPDX-License-Identifier: Apache-2.0
// Reading configuration from the disk, with the mistakes people make there told in words: a directory where a
// file should be, a file of the wrong kind, no permission.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"

namespace sockwatch {

struct ConfigFile {
  std::string path;  // as messages name it
  std::string text;
};

// At most 1 MiB, without a byte order mark at its beginning. The error's code is ENOENT where there is no
// such file.
Result<ConfigFile> read_config_file(const std::string& path);

// Every *.toml directly in the directory, hidden files left out, in the order of their names' bytes. A
// missing directory is an empty one. The error names every file that could not be read.
Result<std::vector<ConfigFile>> read_config_directory(const std::string& path);

// "/etc/sockwatch" for "/etc/sockwatch/sockwatch.toml"; "." where there is no slash.
std::string directory_of(const std::string& path);

}  // namespace sockwatch
