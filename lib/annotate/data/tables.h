// SPDX-License-Identifier: Apache-2.0
// The files of this folder, compiled in: neither the build nor the program needs them, or /etc/services, to
// be found at run time.
#pragma once

#include <string_view>

namespace sockwatch {

extern const std::string_view kCommonPorts;   // common-ports.tsv
extern const std::string_view kOverlayPorts;  // overlay-ports.tsv
extern const std::string_view kIanaPorts;     // iana-ports.csv, sorted by port and transport

}  // namespace sockwatch
