// SPDX-License-Identifier: Apache-2.0
// Processes as the kernel shows them in /proc. Reads `stat` and `exe` only: cmdline, environ, maps and smaps
// can block on the process's memory lock and hold secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/dir.h"
#include "lib/base/result.h"
#include "lib/model/annotation.h"

namespace sockwatch {

// proc_pid_stat(5), as far as it is used.
struct ProcessStat {
  std::string comm;  // foreign bytes, as the process chose them
  char state = 'S';
  std::int32_t parent = 0;
  std::uint64_t cpu_ticks = 0;  // user and system
  std::uint64_t start_ticks = 0;
  std::uint64_t resident_pages = 0;
  std::uint32_t threads = 1;

  // It has ended, and waits for its parent to notice. The first thread alone may also end before the others:
  // then the process goes on.
  bool is_zombie() const { return (state == 'Z' || state == 'X') && threads <= 1; }
  bool has_lost_its_first_thread() const { return (state == 'Z' || state == 'X') && threads > 1; }
};

// nullopt where the text is no stat line or ends too early.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

// Every pid in a /proc, ascending.
Result<std::vector<std::int32_t>> list_pids(const Dir& proc);

// Held open, the directory stays this process's: after its death reads fail, also when the pid is taken by
// another.
Result<Dir> open_process(const Dir& proc, std::int32_t pid);
Result<ProcessStat> read_process_stat(const Dir& process);

// Who the process is; an error for a zombie. An exe that may not be read, has no path of less than PATH_MAX
// bytes, or that a kernel thread does not have stays empty.
Result<Holder> read_holder(const Dir& process, std::int32_t pid);

// One call, however many there are; 0 where it cannot be told.
std::size_t thread_count(const Dir& process);
// The threads of a process, ascending; at most so many.
std::vector<std::int32_t> list_threads(const Dir& process, std::size_t most);

// What becomes of the hash in a path of a Nix or Guix store. It is kept where not only root can have put the
// program there: whoever did chose the rest of the name.
enum class StoreHash { LeftOut, Kept };

// An exe path without what changes from one build or upgrade to the next: the suffix " (deleted)", and the
// hash in a store ("/nix/store/HASH-name/bin/x" becomes "/nix/store/name/bin/x").
std::string normalise_exe(std::string path, StoreHash hash);

}  // namespace sockwatch
