// SPDX-License-Identifier: Apache-2.0
// Which event source runs: the one that was asked for, or the best that this machine allows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/config/settings.h"
#include "lib/model/event_source.h"
#include "lib/model/snapshot.h"
#include "lib/watch/pipeline_settings.h"

namespace sockwatch {

struct EventChoice {
  std::unique_ptr<EventFeed> feed;   // null: polls alone
  std::vector<std::string> refused;  // better ones that could not run, and why; for the log
};

// An error only where one source was asked for by name and cannot run. `own` is the namespace we are in; only
// BPF hears others.
Result<EventChoice> choose_event_feed(EventsMode mode, NamespaceId own, const std::string& cgroup_root,
                                      NamespacesMode namespaces = NamespacesMode::Host,
                                      const PipelineSettings& ports = {});

}  // namespace sockwatch
