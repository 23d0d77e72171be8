// SPDX-License-Identifier: Apache-2.0
// A listener, a connection or an alert as names and values, from which JSON and the journal are made, so that
// they cannot drift apart. What is unknown is absent, never empty and never a guess. Strings are foreign text
// as it is; each output escapes them its own way.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/annotation.h"
#include "lib/model/connections.h"
#include "lib/model/event.h"
#include "lib/model/listener.h"
#include "lib/model/properties.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

struct Field {
  std::string_view name;  // a literal: "accept_queue_length"
  Value value;

  friend bool operator==(const Field&, const Field&) = default;
};

// What an alert says besides the properties of its listener.
struct AlertField {
  std::string_view name;
  PropertyType type;
  std::optional<Value> (*get)(const Alert& alert);  // nothing where there is nothing to say
};
std::span<const AlertField> fields_before_the_listener();
std::span<const AlertField> fields_behind_the_listener();

// `connections`: how many it holds, where they were counted.
std::vector<Field> fields_of(const Listener& listener,
                             std::optional<std::uint64_t> connections = std::nullopt);

std::vector<Field> fields_of(const SocketRecord& connection, const Annotation& annotation,
                             Direction direction);

// The alert's own words, then what identifies its listener; without queues and counts, which are of the
// moment.
std::vector<Field> fields_of(const Alert& alert);

}  // namespace sockwatch
