// SPDX-License-Identifier: Apache-2.0
// sockwatch.toml and conf.d beside it -> Settings. All or nothing: with one mistake anywhere there are no
// settings, and the error lists every mistake, one a line, as "file:line:column: what, and what was
// expected".
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/config/settings.h"

namespace sockwatch {

inline constexpr const char* kDefaultConfigFile = "/etc/sockwatch/sockwatch.toml";

// UseDefaults for the default path, which a fresh machine need not have; IsError for one a person named.
enum class MissingFile { UseDefaults, IsError };

struct Configuration {
  Settings settings;
  std::string policy_directory;  // policy.d beside the file; need not exist
};

// `file`, then the *.toml of conf.d beside it in lexical order: a later value replaces an earlier one. The
// drop-ins count even where `file` itself is missing. Reads files, so it may block on a slow disk.
Result<Configuration> load_settings(const std::string& file, MissingFile missing);

// One text over the defaults. `file_name` is only for messages and origins; any bytes are safe to pass.
Result<Settings> parse_settings(std::string_view file_name, std::string_view text);

}  // namespace sockwatch
