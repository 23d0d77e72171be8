// SPDX-License-Identifier: Apache-2.0
// By what number one network namespace knows another ("nsid", rtnetlink(7): RTM_GETNSID). The kernel gives
// them out where the two have something to do with each other, as by the two ends of a veth(4), or somebody
// asks for one; multicasts that come from elsewhere are marked with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sockwatch {

// That of the namespace behind `path`, a file of nsfs, for the one the calling thread is in. Nothing where it
// has none, or cannot be asked for.
std::optional<std::int32_t> number_of_namespace(const std::string& path);

}  // namespace sockwatch
