// SPDX-License-Identifier: Apache-2.0
// The parts of the table of properties, one file each. Everybody else reads properties().
#pragma once

#include <span>

#include "lib/model/properties.h"

namespace sockwatch {

std::span<const Property> endpoint_properties();  // where it is, and what that is usually for
std::span<const Property> owner_properties();
std::span<const Property> verdict_properties();  // how it was judged, and why
std::span<const Property> moment_properties();   // what is another at the next poll, so in no alert

}  // namespace sockwatch
