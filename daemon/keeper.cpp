// SPDX-License-Identifier: Apache-2.0
#include "daemon/keeper.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "lib/alert/saved_queues.h"
#include "lib/base/dir.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

namespace sockwatch {
namespace {

constexpr const char* kWaitingAlerts = "alerts.queue";
constexpr int kRestPerCost = 20;
constexpr Duration kAtOnce = std::chrono::milliseconds(250);
constexpr std::size_t kLargestQueue = 64 * 1024 * 1024;

void warn(Repeated& trouble, Instant now, std::string text) {
  if (const auto said = trouble.say(now.monotonic, std::move(text))) log::warning(*said);
}

}  // namespace

Duration SavePace::debt(MonotonicTime now) const {
  return std::max(debt_ - (now - at_) / kRestPerCost, Duration(0));
}

Duration SavePace::rest(MonotonicTime now) const {
  return std::max((debt(now) - kAtOnce) * kRestPerCost, Duration(0));
}

void SavePace::saved(MonotonicTime now, Duration took) {
  debt_ = debt(now) + took;
  at_ = now;
}

Keeper::Keeper(std::string directory, const std::string& proc_root)
    : directory_(std::move(directory)), file_(directory_), boot_id_(read_boot_id(proc_root)) {
  // An error shows at the first save.
  (void)::mkdir(directory_.c_str(), 0750);
}

void Keeper::load_waiting_alerts(Delivery& delivery) {
  const auto directory = Dir::open(directory_);
  if (!directory.ok()) return;  // save() will say so
  const auto saved = directory->read_file(kWaitingAlerts, kLargestQueue);
  if (!saved.ok()) {
    if (saved.error().code != ENOENT) log::warning(saved.error().message);
    return;
  }
  alerts_on_disk_ = true;
  if (const auto restored = delivery.restore(*saved); !restored.ok()) {
    log::warning(restored.error().within(directory_ + "/" + kWaitingAlerts).message);
  }
}

Result<void> Keeper::save(const Kept& kept, Instant now) {
  const auto alerts = save_alerts(kept.alerts, now);
  const auto memory = save_memory(kept.memory, now);
  return memory.ok() ? alerts : memory;
}

Result<void> Keeper::save_memory(const Memory& memory, Instant now) {
  auto saved = file_.save(memory, boot_id_);
  if (!saved.ok()) warn(trouble_with_state_, now, "not remembered over a restart: " + saved.error().message);
  return saved;
}

Result<void> Keeper::save_alerts(const std::optional<std::string>& alerts, Instant now) {
  if (!alerts && !alerts_on_disk_) return {};
  auto saved = replace_file(directory_, kWaitingAlerts, alerts.value_or(encode({})));
  if (saved.ok()) {
    alerts_on_disk_ = alerts.has_value();
  } else {
    warn(trouble_with_alerts_, now, "waiting alerts not saved: " + saved.error().message);
  }
  return saved;
}

}  // namespace sockwatch
