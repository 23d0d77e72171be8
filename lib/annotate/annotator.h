// SPDX-License-Identifier: Apache-2.0
// Adds to listeners what the kernel did not say: category, scope, service, owner. Only new listeners, and
// those whose owner is still sought, come here: owners cost reads of /proc. Loop thread only.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "lib/annotate/owner.h"
#include "lib/annotate/service_table.h"
#include "lib/model/connections.h"
#include "lib/model/crowd.h"
#include "lib/model/listener.h"

namespace sockwatch {

// What a network namespace is called; empty where nobody knows (any more).
using NamespaceNames = std::function<std::string(NamespaceId)>;

// Category, scope and service of a connection; the port that names the service is the listener's of an
// inbound one, the other side's of an outbound one. Its owner is unknown so far.
void describe_connection(SeenConnection& connection, const ServiceTable& services);

class Annotator {
 public:
  // Without a resolver (a replay) nobody is looked for, and the owner state says no-permission. Without names
  // every listener is in "host".
  Annotator(ServiceTable services, std::optional<OwnerResolver> owners, NamespaceNames names = {});

  // Of a user by name, or the number as text.
  std::optional<std::uint32_t> uid_of(const std::string& user) {
    return owners_ ? owners_->uid_of(user) : std::nullopt;
  }

  void set_services(ServiceTable services) { services_ = std::move(services); }

  // A listener, and who opened the last of its sockets where an event told.
  struct Task {
    Listener* listener;
    const Holder* opener = nullptr;
    bool same_sockets = false;  // the last socket is the one whose opener was told before
  };
  // Fills in the annotations. Bounded work; an owner with state Budget was put off: annotate again.
  void annotate(std::span<const Task> tasks, OwnerResolver::Search search = OwnerResolver::Search::Bounded);
  // Everything but the owner, which stays: for when only the tables have changed.
  void describe(Listener& listener) const;
  // See OwnerResolver::recognise().
  bool recognise(Holder& caller, bool place_known) const {
    return !owners_ || owners_->recognise(caller, place_known);
  }
  // See OwnerResolver::is_current().
  bool is_current(const Listener& listener, ProcessesNow& now) const {
    return !owners_ || owners_->is_current(listener.members, now);
  }
  // Null where nobody is looked for.
  OwnerResolver* owners() { return owners_ ? &*owners_ : nullptr; }

  // Category and service name of each service port of the tally, and all but the holders of the connections
  // that are shown.
  void annotate(ConnectionTally& tally);
  // Names of users and units.
  void annotate(CrowdCounts& crowd);

 private:
  void annotate(std::vector<SeenConnection>& seen);
  std::string name_of(NamespaceId name_space) const;

  ServiceTable services_;
  std::optional<OwnerResolver> owners_;
  NamespaceNames names_;
};

}  // namespace sockwatch
