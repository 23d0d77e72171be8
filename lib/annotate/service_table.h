// SPDX-License-Identifier: Apache-2.0
// What a port is usually for. Three tables are compiled in, and an override file of the user's stands above
// them; the strongest that knows the port names it: override, common, overlay, IANA. The name is a hint,
// never an identity. Immutable once built: readable from any thread; copies are cheap and share the text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/annotate/service_rows.h"
#include "lib/base/result.h"
#include "lib/model/annotation.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

class ServiceTable {
 public:
  // The compiled-in tables only.
  ServiceTable();

  // Those under the user's own (service_rows.h has its form). `text` is copied; any bytes may come in, and
  // what is not of the form is an error "file:line:column: what, and what was expected".
  static Result<ServiceTable> with_overrides(std::string_view file_name, std::string_view text);

  // Two binary searches. MPTCP counts as TCP and UDP-Lite as UDP; other families have no ports.
  std::optional<Service> find(Protocol protocol, std::uint32_t port) const;

  struct Entry {
    std::uint16_t port = 0;
    Protocol protocol = Protocol::Tcp;
    Service service;
  };
  // For a person who asks: what every table says, the strongest first, weaker names of the same port
  // included.
  std::vector<Entry> entries_of(std::uint16_t port) const;
  // The same for a name, in any case.
  std::vector<Entry> entries_named(std::string_view name) const;

 private:
  void add(std::vector<ServiceRow> rows);

  std::vector<ServiceRow> rows_;                      // all but IANA's, sorted by port, transport and source
  std::shared_ptr<const std::string> override_text_;  // where the override's rows point
};

}  // namespace sockwatch
