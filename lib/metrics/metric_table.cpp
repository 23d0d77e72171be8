// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/metric_table.h"

#include <algorithm>

#include "lib/model/properties.h"

namespace sockwatch {

std::vector<std::string_view> labels_of(Metric metric) {
  const auto& own = row_of(metric).labels;
  std::vector<std::string_view> labels(own.begin(), std::find(own.begin(), own.end(), std::string_view()));
  if (metric != Metric::ListenerInfo) return labels;
  for (const Property& property : properties()) {
    if (property.uses.has(PropertyUse::Label)) labels.push_back(property.label_name());
  }
  return labels;
}

}  // namespace sockwatch
