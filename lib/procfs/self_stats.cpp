// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/self_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "lib/base/text.h"
#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

// The interrupt line grows with the number of CPUs and devices.
constexpr std::size_t kMachineStatCap = std::size_t{8} << 20;

double seconds(std::uint64_t ticks) {
  static const long per_second = ::sysconf(_SC_CLK_TCK);
  return static_cast<double>(ticks) / static_cast<double>(per_second);
}

// The line "btime N" of proc_stat(5).
std::optional<std::uint64_t> boot_time(std::string_view text) {
  constexpr std::string_view kKey = "btime ";
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(kKey)) return parse_integer<std::uint64_t>(line.substr(kKey.size()));
  }
  return std::nullopt;
}

Result<ProcessStat> own_stat(const Dir& proc) {
  const auto self = proc.open_dir("self");
  if (!self) return self.error();
  return read_process_stat(*self);
}

}  // namespace

Result<SelfStats> SelfStats::open(Dir proc) {
  const auto stat = own_stat(proc);
  if (!stat) return stat.error();
  const auto text = proc.read_file("stat", kMachineStatCap);
  if (!text) return text.error();
  const auto boot = boot_time(*text);
  if (!boot) return Error{proc.path() + "/stat names no boot time"};
  return SelfStats(std::move(proc), static_cast<double>(*boot) + seconds(stat->start_ticks));
}

Result<ProcessStats> SelfStats::read() const {
  const auto stat = own_stat(proc_);
  if (!stat) return stat.error();
  const auto fd_dir = proc_.open_dir("self/fd");
  if (!fd_dir) return fd_dir.error();
  const auto fds = fd_dir->entries();
  if (!fds) return fds.error();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return Error::from_errno("getrlimit", errno);

  ProcessStats stats;
  stats.cpu_seconds = seconds(stat->cpu_ticks);
  stats.resident_bytes = stat->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  stats.open_fds = fds->size();
  stats.max_fds = limit.rlim_cur;
  stats.start_time_seconds = start_time_seconds_;
  return stats;
}

}  // namespace sockwatch
