// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/process_table.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

constexpr std::size_t kStatCap = 16384;

// Places of the fields behind the name; proc_pid_stat(5) counts the first of them, the state, as 3.
constexpr std::size_t kParent = 1;
constexpr std::size_t kUserTicks = 11;
constexpr std::size_t kSystemTicks = 12;
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
StoreHash hash_in(std::string_view exe, const Dir& process) {
  const bool in_store = std::any_of(std::begin(kStores), std::end(kStores),
                                    [exe](std::string_view store) { return exe.starts_with(store); });
  return in_store && process.is_roots_alone("exe") ? StoreHash::LeftOut : StoreHash::Kept;
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
  if (!parent || !user || !system || !start || !resident) return std::nullopt;
  return ProcessStat{std::string(text.substr(open + 1, close - open - 1)), *parent, *user + *system, *start,
                     *resident};
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

Result<Holder> read_holder(const Dir& process, std::int32_t pid) {
  auto stat = read_process_stat(process);
  if (!stat) return stat.error();
  const auto owner = process.identity();
  if (!owner) return owner.error();
  const auto exe = process.read_link("exe");
  return Holder{{pid, stat->start_ticks},
                std::move(stat->comm),
                exe ? normalise_exe(*exe, hash_in(*exe, process)) : "",
                owner->uid};
}

std::string normalise_exe(std::string path, StoreHash hash) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  if (hash == StoreHash::Kept) return path;
  for (const std::string_view store : kStores) {
    if (!path.starts_with(store)) continue;
    const std::string_view package = std::string_view(path).substr(store.size());
    return std::string(store) + std::string(without_hash(package));
  }
  return path;
}

}  // namespace sockwatch
