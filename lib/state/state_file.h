// SPDX-License-Identifier: Apache-2.0
// What survives a restart of sockwatch: the learned identities and the listeners known last, as one JSON file
// in the state directory, replaced atomically. A door to nlohmann-json. Loop thread only; may block on the
// disk. No step of it, and no crash between two, turns a state that was damaged into a first start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/watch/pipeline.h"

namespace sockwatch {

// The text of the file. `boot_id` (proc_sys_kernel(5)) tells later whether the cookies in it still mean
// anything.
std::string serialize_memory(const Memory& memory, std::string_view boot_id);

// Reads it back. Listeners of another boot come without their sockets' cookies, so each will be seen as
// replaced, not as new. `host` is what the namespace is called now. An error names what is wrong; nothing is
// half-read.
Result<Memory> parse_memory(std::string_view text, std::string_view boot_id, NamespaceId host);

// This boot's id, for the functions here; empty where the kernel does not tell.
std::string read_boot_id(const std::string& proc_root);

class StateFile {
 public:
  // Nothing is touched yet.
  explicit StateFile(std::string directory);

  // Nothing where there is no file, or no directory for one: the very first start. An error is always about
  // something that was kept and cannot be had, whatever the reason, and stays one until a save() succeeds.
  Result<std::optional<Memory>> read(std::string_view boot_id, NamespaceId host) const;
  // The same for whoever will save(): that sets aside, as state.json.corrupt, what could not be read.
  Result<std::optional<Memory>> load(std::string_view boot_id, NamespaceId host);
  // Before a first start learns: makes sure that the next start cannot be the first one again, even where
  // save() fails. An error: nothing can be kept there at all.
  Result<void> begin();
  Result<void> save(const Memory& memory, std::string_view boot_id);

  const std::string& path() const { return path_; }

 private:
  Result<void> write(std::string_view text) const;

  std::string directory_;
  std::string path_;
  bool unreadable_ = false;  // what load() found
  bool begun_ = false;
};

}  // namespace sockwatch
