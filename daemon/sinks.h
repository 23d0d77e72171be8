// SPDX-License-Identifier: Apache-2.0
// Where alerts go, made from the settings.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/alert/alert_sink.h"
#include "lib/base/clock.h"
#include "lib/config/settings.h"

namespace sockwatch {

// What webhooks need of the daemon; all of it must outlive them.
struct SinkContext {
  std::function<void()> ring;                       // there is an answer: from any thread
  std::function<std::set<std::string>()> standing;  // subjects of what stands
  const Clock& clock;
};

std::vector<std::unique_ptr<AlertSink>> make_sinks(const Settings& settings, const SinkContext& context);

// Whether this process may open no socket to send from, as in the service as it is installed.
bool network_is_refused();

}  // namespace sockwatch
