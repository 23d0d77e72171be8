// SPDX-License-Identifier: Apache-2.0
// An alert as labels, by which Alertmanager deduplicates, groups and silences: nothing in them is another
// after a restart of what is behind it. Two alerts with equal labels are one.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/model/event.h"

namespace sockwatch {

using AlertLabels = std::vector<std::pair<std::string, std::string>>;

// Without those that have no value.
AlertLabels alert_labels(const Alert& alert);

// Whether alert_labels() may say it, so that nobody else can.
bool is_alert_label(std::string_view name);

}  // namespace sockwatch
