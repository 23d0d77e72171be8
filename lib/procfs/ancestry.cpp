// SPDX-License-Identifier: Apache-2.0
#include "lib/procfs/ancestry.h"

#include <algorithm>

#include "lib/base/dir.h"
#include "lib/procfs/process_table.h"

namespace sockwatch {
namespace {

constexpr int kMostParents = 8;

std::optional<ProcessStat> stat_of(const Dir& proc, std::int32_t pid) {
  const auto process = open_process(proc, pid);
  if (!process.ok()) return std::nullopt;
  auto stat = read_process_stat(*process);
  return stat.ok() ? std::optional(*std::move(stat)) : std::nullopt;
}

// A process may call itself "x (1) < y".
std::string plain(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '(' || c == ')' || c == '<'; }, '_');
  return name;
}

}  // namespace

std::string parents_of(const Owner& owner, const std::string& proc_root) {
  const auto opened = Dir::open(proc_root);
  if (owner.holders.empty() || !opened.ok()) return {};
  const Dir& proc = *opened;
  const ProcessId& id = owner.holders.front().id;
  auto child = stat_of(proc, id.pid);
  if (!child || child->start_ticks != id.start_ticks) return {};
  std::string text;
  for (int i = 0; i < kMostParents && child->parent > 0; ++i) {
    auto parent = stat_of(proc, child->parent);
    // A parent that began later is another process that took over its pid.
    if (!parent || parent->start_ticks > child->start_ticks) break;
    text += (text.empty() ? "" : " < ") + plain(parent->comm) + " (" + std::to_string(child->parent) + ")";
    child = std::move(parent);
  }
  return text;
}

}  // namespace sockwatch
