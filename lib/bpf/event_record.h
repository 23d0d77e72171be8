// SPDX-License-Identifier: Apache-2.0
// From the bytes a BPF program wrote to a SocketEvent. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "lib/model/event_source.h"

namespace sockwatch {

// Nothing where the bytes are too few or name a kind, family or protocol that is none of ours. `now` ties the
// event's monotonic time to the wall clock.
std::optional<SocketEvent> decode_listen_event(std::span<const std::byte> bytes, Instant now,
                                               long ticks_per_second);

}  // namespace sockwatch
