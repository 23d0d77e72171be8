// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/process_table.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

#include "lib/base/directory_stream.h"
#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kStatCap = 16384;

// Places of the fields behind the name; proc_pid_stat(5) counts the first of them, the state, as 3.
constexpr std::size_t kState = 0;
constexpr std::size_t kParent = 1;
constexpr std::size_t kUserTicks = 11;
constexpr std::size_t kSystemTicks = 12;
constexpr std::size_t kThreads = 17;
constexpr std::size_t kStartTicks = 19;
constexpr std::size_t kResidentPages = 21;
constexpr std::size_t kFieldsUsed = 22;

// The fields are parted by single blanks. False where there are too few.
bool split_fields(std::string_view text, std::array<std::string_view, kFieldsUsed>& fields) {
  for (std::string_view& field : fields) {
    if (text.empty()) return false;
    const std::size_t blank = text.find(' ');
    field = text.substr(0, blank);
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
  }
  return true;
}

constexpr std::string_view kDeleted = " (deleted)";
constexpr std::size_t kThreadsAsked = 16;

// Where `store` begins with a hash, as /nix/store and /gnu/store name their packages, the name without it.
std::string_view without_hash(std::string_view store) {
  constexpr std::size_t kHashLength = 32;
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  if (store.size() <= kHashLength + 1 || store[kHashLength] != '-') return store;
  const bool hash = store.find_first_not_of(kDigits) == kHashLength;
  return hash ? store.substr(kHashLength + 1) : store;
}

constexpr std::string_view kStores[] = {"/nix/store/", "/gnu/store/"};

// By the file itself: a path is what the process's own view of files says.
StoreHash hash_in(std::string_view exe, const Dir& process, const std::string& link) {
  const bool in_store = std::any_of(std::begin(kStores), std::end(kStores),
                                    [exe](std::string_view store) { return exe.starts_with(store); });
  return in_store && process.is_roots_alone(link.c_str()) ? StoreHash::LeftOut : StoreHash::Kept;
}

std::string without_store(std::string path, StoreHash hash) {
  if (hash == StoreHash::Kept) return path;
  for (const std::string_view store : kStores) {
    if (!path.starts_with(store)) continue;
    const std::string_view package = std::string_view(path).substr(store.size());
    return std::string(store) + std::string(without_hash(package));
  }
  return path;
}

// The kernel marks the path of a file that was deleted, and a program may be called just that. Whether its
// path still leads to the file tells one from the other.
bool is_deleted(const Dir& process, const std::string& link, const std::string& path) {
  struct stat running {};
  struct stat named {};
  if (::fstatat(process.fd(), link.c_str(), &running, 0) != 0) return true;
  if (running.st_nlink == 0) return true;
  if (::fstatat(process.fd(), ("root" + path).c_str(), &named, 0) != 0) return true;
  return running.st_dev != named.st_dev || running.st_ino != named.st_ino;
}

// `where` is "" for the process, "task/TID/" for a thread.
std::string read_exe(const Dir& process, const std::string& where) {
  const std::string link = where + "exe";
  const auto path = process.read_link(link.c_str());
  if (!path) return {};
  const StoreHash hash = hash_in(*path, process, link);
  const bool named_so = path->ends_with(kDeleted) && !is_deleted(process, link, *path);
  return named_so ? without_store(*path, hash) : normalise_exe(*path, hash);
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  // The name may hold anything, also ") R 1 (": only the last parenthesis is the kernel's own.
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  if (close + 2 > text.size() || text[close + 1] != ' ') return std::nullopt;

  std::array<std::string_view, kFieldsUsed> fields;
  const std::string_view rest = text.substr(close + 2);
  if (!split_fields(rest.substr(0, rest.find('\n')), fields)) return std::nullopt;
  const auto parent = parse_integer<std::int32_t>(fields[kParent]);
  const auto user = parse_integer<std::uint64_t>(fields[kUserTicks]);
  const auto system = parse_integer<std::uint64_t>(fields[kSystemTicks]);
  const auto start = parse_integer<std::uint64_t>(fields[kStartTicks]);
  const auto resident = parse_integer<std::uint64_t>(fields[kResidentPages]);
  const auto threads = parse_integer<std::uint32_t>(fields[kThreads]);
  if (!parent || !user || !system || !start || !resident || !threads) return std::nullopt;
  if (fields[kState].size() != 1) return std::nullopt;
  return ProcessStat{std::string(text.substr(open + 1, close - open - 1)),
                     fields[kState][0],
                     *parent,
                     *user + *system,
                     *start,
                     *resident,
                     *threads};
}

Result<std::vector<std::int32_t>> list_pids(const Dir& proc) {
  const auto names = proc.entries();
  if (!names) return names.error();
  std::vector<std::int32_t> pids;
  for (const std::string& name : *names) {
    const auto pid = parse_integer<std::int32_t>(name);
    if (pid && *pid > 0) pids.push_back(*pid);
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

Result<Dir> open_process(const Dir& proc, std::int32_t pid) {
  return proc.open_dir(std::to_string(pid).c_str());
}

Result<ProcessStat> read_process_stat(const Dir& process) {
  const auto text = process.read_file("stat", kStatCap);
  if (!text) return text.error();
  auto stat = parse_process_stat(*text);
  if (!stat) return Error{process.path() + "/stat is not as proc_pid_stat(5) says"};
  return std::move(*stat);
}

// The kernel counts the threads among the links of this directory.
std::size_t thread_count(const Dir& process) {
  struct stat facts {};
  constexpr nlink_t kOfEveryDirectory = 2;
  if (::fstatat(process.fd(), "task", &facts, 0) != 0 || facts.st_nlink < kOfEveryDirectory) return 0;
  return facts.st_nlink - kOfEveryDirectory;
}

std::vector<std::int32_t> list_threads(const Dir& process, std::size_t most) {
  std::vector<std::int32_t> threads;
  const DirectoryStream stream = open_stream(process.fd(), "task");
  if (!stream) return threads;
  while (const dirent* entry = next_entry(*stream)) {
    const auto thread = parse_integer<std::int32_t>(std::string_view(entry->d_name));
    if (thread && *thread > 0) threads.push_back(*thread);
    if (threads.size() == most) break;
  }
  std::sort(threads.begin(), threads.end());
  return threads;
}

Result<Holder> read_holder(const Dir& process, std::int32_t pid) {
  auto stat = read_process_stat(process);
  if (!stat) return stat.error();
  if (stat->is_zombie()) return Error::from_errno("a zombie", ESRCH);
  const auto owner = process.identity();
  if (!owner) return owner.error();
  std::string exe = read_exe(process, "");
  if (exe.empty() && stat->has_lost_its_first_thread()) {
    for (const std::int32_t thread : list_threads(process, kThreadsAsked)) {
      exe = read_exe(process, "task/" + std::to_string(thread) + "/");
      if (!exe.empty()) break;
    }
  }
  return Holder{{pid, stat->start_ticks}, std::move(stat->comm), std::move(exe), owner->uid};
}

std::string normalise_exe(std::string path, StoreHash hash) {
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return without_store(std::move(path), hash);
}

}  // namespace sockwatch
