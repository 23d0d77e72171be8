// SPDX-License-Identifier: Apache-2.0
// The state directory: what is known, and alerts that wait for their receiver. Without a usable directory
// sockwatch goes on and says so once. One thread at a time; may block on the disk.
#pragma once

#include <optional>
#include <string>

#include "lib/alert/delivery.h"
#include "lib/base/repeated.h"
#include "lib/model/socket_record.h"
#include "lib/state/state_file.h"
#include "lib/watch/pipeline.h"

namespace sockwatch {

// How soon a save may follow: a few at once, and in a storm they take a twentieth of the time. Pure.
class SavePace {
 public:
  Duration rest(MonotonicTime now) const;
  void saved(MonotonicTime now, Duration took);

 private:
  Duration debt(MonotonicTime now) const;

  Duration debt_{};  // time spent on saving and not yet made up for
  MonotonicTime at_{};
};

class Keeper {
 public:
  // Makes the directory if only its last part is missing.
  Keeper(std::string directory, const std::string& proc_root);

  // Nothing at the very first start. An error where what was kept cannot be read: that is no first start, and
  // whoever made it so must not be learned from.
  Result<std::optional<Memory>> load(NamespaceId host) { return file_.load(boot_id_, host); }
  void load_waiting_alerts(Delivery& delivery);
  // Before a first start learns; an error: what it learned could not be kept.
  Result<void> begin() { return file_.begin(); }

  struct Kept {
    Memory memory;
    std::optional<std::string> alerts;  // Delivery::serialize(), where any waits
  };
  // Errors are logged here; the caller may need to know that the next run will not. The alerts are written
  // first: a crash between the two repeats one, and the other way round would lose it.
  Result<void> save(const Kept& kept, Instant now);

 private:
  Result<void> save_memory(const Memory& memory, Instant now);
  Result<void> save_alerts(const std::optional<std::string>& alerts, Instant now);

  std::string directory_;
  StateFile file_;
  std::string boot_id_;
  bool alerts_on_disk_ = false;
  Repeated trouble_with_state_;
  Repeated trouble_with_alerts_;
};

}  // namespace sockwatch
