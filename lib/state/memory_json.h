// SPDX-License-Identifier: Apache-2.0
// The two halves of the state file as JSON values. Only lib/state includes this.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <vector>

#include "lib/model/listener.h"
#include "lib/policy/identity.h"

namespace sockwatch {

// A value that is JSON but not ours: an unknown word, a port of 70000. Caught at lib/state's door.
struct MalformedMemory : std::runtime_error {
  using std::runtime_error::runtime_error;
};

nlohmann::ordered_json to_json(const LearnedSet& learned);
nlohmann::ordered_json to_json(const Listener& listener);

// From the lists "learned" and "listeners" of the file. Both throw nlohmann::json::exception or
// MalformedMemory.
LearnedSet learned_from_json(const nlohmann::ordered_json& root, bool same_boot);
// Sorted by key, each key once. Cookies are kept only where they still mean something.
std::vector<Listener> listeners_from_json(const nlohmann::ordered_json& root, NamespaceId host,
                                          bool same_boot);

}  // namespace sockwatch
