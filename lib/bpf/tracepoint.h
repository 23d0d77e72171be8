// SPDX-License-Identifier: Apache-2.0
// The tracepoint sock:inet_sock_set_state as bytes: where its fields are, by its own description, and what a
// sample of it says. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/event_source.h"

namespace sockwatch {

// Offsets from the start of a record. The kernel may move fields between versions, so they are read and not
// assumed.
struct TracepointLayout {
  std::size_t socket = 0;  // the kernel's address of the socket: tells its opening and closing from another's
  std::size_t old_state = 0;
  std::size_t new_state = 0;
  std::size_t port = 0;
  std::size_t family = 0;
  std::size_t address_v4 = 0;
  std::size_t address_v6 = 0;
  std::size_t size = 0;  // of the longest prefix that holds them all
};

// From the text of the tracepoint's `format` file. The error names a field that is missing or of another
// size.
Result<TracepointLayout> parse_tracepoint_format(std::string_view text);

// The part of a perf sample that is not the tracepoint's own.
struct SampleContext {
  NamespaceId name_space{};
  std::int32_t pid = 0;
  Instant time;
};

// Nothing where the record is too short, or is no beginning or end of listening.
std::optional<SocketEvent> decode_tracepoint(std::span<const std::byte> record,
                                             const TracepointLayout& layout, const SampleContext& context);

}  // namespace sockwatch
