// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/annotator.h"

#include <vector>

#include "lib/annotate/category.h"
#include "lib/annotate/scope.h"

namespace sockwatch {

Annotator::Annotator(ServiceTable services, std::optional<OwnerResolver> owners)
    : services_(std::move(services)), owners_(std::move(owners)) {}

void Annotator::annotate(std::span<const Task> tasks) {
  std::vector<OwnerQuery> queries;
  queries.reserve(tasks.size());
  for (const Task& task : tasks) {
    describe(*task.listener);
    task.listener->annotation.owner.state = OwnerState::NoPermission;
    queries.push_back({task.listener->members, task.opener});
  }
  if (!owners_) return;
  std::vector<Owner> owners = owners_->resolve(queries);
  for (std::size_t i = 0; i < owners.size(); ++i) tasks[i].listener->annotation.owner = std::move(owners[i]);
}

void Annotator::describe(Listener& listener) const {
  Annotation& annotation = listener.annotation;
  annotation.name_space = "host";
  annotation.category = category_of(listener.key.local.port);
  annotation.scope = scope_of(listener.key.protocol, listener.key.local);
  annotation.service = services_.find(listener.key.protocol, listener.key.local.port);
}

void Annotator::annotate(ConnectionTally& tally) const {
  for (ServiceConnections& row : tally.by_service) {
    row.category = category_of(row.port);
    if (row.port == 0) {
      row.port_name = "other";
    } else if (const auto service = services_.find(row.protocol, row.port)) {
      row.port_name = service->name;
    }
  }
}

}  // namespace sockwatch
