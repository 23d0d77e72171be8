// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/annotator.h"

#include <vector>

#include "lib/annotate/category.h"
#include "lib/annotate/scope.h"

namespace sockwatch {

void describe_connection(SeenConnection& connection, const ServiceTable& services) {
  const SocketRecord& record = connection.record;
  const bool inbound = connection.direction == Direction::Inbound;
  const std::uint32_t port = inbound ? record.local.port : record.remote.port;
  Annotation& annotation = connection.annotation;
  annotation.category = category_of(port);
  annotation.scope = scope_of(record.protocol, record.local);
  annotation.service = services.find(record.protocol, port);
  annotation.owner.state = OwnerState::NoPermission;
}

Annotator::Annotator(ServiceTable services, std::optional<OwnerResolver> owners, NamespaceNames names)
    : services_(std::move(services)), owners_(std::move(owners)), names_(std::move(names)) {}

void Annotator::annotate(std::span<const Task> tasks, OwnerResolver::Search search) {
  std::vector<OwnerQuery> queries;
  queries.reserve(tasks.size());
  for (const Task& task : tasks) {
    describe(*task.listener);
    const Owner& before = task.listener->annotation.owner;
    const bool carried = task.opener == nullptr && task.same_sockets && before.opener;
    queries.push_back({task.listener->members, carried ? &*before.opener : task.opener, &before});
  }
  if (!owners_) {
    for (const Task& task : tasks) task.listener->annotation.owner.state = OwnerState::NoPermission;
    return;
  }
  std::vector<Owner> owners = owners_->resolve(queries, search);
  for (std::size_t i = 0; i < owners.size(); ++i) tasks[i].listener->annotation.owner = std::move(owners[i]);
}

void Annotator::describe(Listener& listener) const {
  Annotation& annotation = listener.annotation;
  std::string name = name_of(listener.key.name_space);
  if (!name.empty()) annotation.name_space = std::move(name);
  annotation.category = category_of(listener.key.local.port);
  annotation.scope =
      scope_of(listener.key.protocol, listener.key.local, listener.transparent().value_or(false));
  annotation.service = services_.find(listener.key.protocol, listener.key.local.port);
}

std::string Annotator::name_of(NamespaceId name_space) const {
  return names_ ? names_(name_space) : std::string(kHostNamespace);
}

void Annotator::annotate(ConnectionTally& tally) {
  for (ServiceConnections& row : tally.by_service) {
    row.category = category_of(row.port);
    if (row.port == 0) {
      row.port_name = "other";
    } else if (const auto service = services_.find(row.protocol, row.port)) {
      row.port_name = service->name;
    }
  }
  if (!tally.seen) return;
  auto seen = std::make_shared<std::vector<SeenConnection>>(*tally.seen);
  annotate(*seen);
  tally.seen = std::move(seen);
}

void Annotator::annotate(CrowdCounts& crowd) {
  std::vector<SocketRecord> created(crowd.over_limit.size());
  for (std::size_t i = 0; i < created.size(); ++i) {
    created[i].uid = crowd.over_limit[i].uid;
    created[i].cgroup_id = crowd.over_limit[i].cgroup_id;
    created[i].inode = 1;  // it has one
    crowd.over_limit[i].user = std::to_string(created[i].uid);
  }
  if (!owners_ || created.empty()) return;
  const std::vector<Owner> creators = owners_->creators_of(created);
  for (std::size_t i = 0; i < created.size(); ++i) {
    OverLimit& origin = crowd.over_limit[i];
    if (!creators[i].user.empty()) origin.user = creators[i].user;
    origin.unit = creators[i].container.empty() ? creators[i].unit : creators[i].container;
  }
}

void Annotator::annotate(std::vector<SeenConnection>& seen) {
  std::vector<SocketRecord> records;
  records.reserve(seen.size());
  for (SeenConnection& connection : seen) {
    describe_connection(connection, services_);
    connection.annotation.name_space = name_of(connection.record.id.name_space);
    records.push_back(connection.record);
  }
  if (!owners_) return;
  std::vector<Owner> owners = owners_->creators_of(records);
  for (std::size_t i = 0; i < seen.size(); ++i) seen[i].annotation.owner = std::move(owners[i]);
}

}  // namespace sockwatch
