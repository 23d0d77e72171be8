// SPDX-License-Identifier: Apache-2.0
// What can be said about a listener, a connection or an alert, as name and value: the one list from which
// JSON and the journal are made, so that they cannot drift apart. What is unknown is absent, never empty and
// never a guess. Strings are foreign text as it is; each output escapes them its own way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/model/annotation.h"
#include "lib/model/connections.h"
#include "lib/model/event.h"
#include "lib/model/listener.h"
#include "lib/model/socket_record.h"

namespace sockwatch {

struct Field {
  std::string_view name;  // a literal: "accept_queue_length"
  std::variant<std::string, std::uint64_t, bool> value;

  friend bool operator==(const Field&, const Field&) = default;
};

// Its value where only text will do: a journal field, a label.
std::string text_of(const Field& field);

// `connections`: how many it holds, where they were counted.
std::vector<Field> fields_of(const Listener& listener,
                             std::optional<std::uint64_t> connections = std::nullopt);

std::vector<Field> fields_of(const SocketRecord& connection, const Annotation& annotation,
                             Direction direction);

// The alert's own words, then what identifies its listener; without queues and counts, which are of the
// moment.
std::vector<Field> fields_of(const Alert& alert);

}  // namespace sockwatch
