// SPDX-License-Identifier: Apache-2.0
// The systemd of this machine, as far as it decides what a suggested drop-in does.
#pragma once

#include <optional>
#include <string_view>

namespace sockwatch {

struct SystemdBuild {
  unsigned version = 0;               // 0: not known
  std::optional<bool> bpf_framework;  // absent: not known
};

// Of what `systemctl --version` prints; any bytes are safe to pass.
SystemdBuild parse_systemd_version(std::string_view text);

// Asks the systemctl of this machine.
SystemdBuild read_systemd_build();

}  // namespace sockwatch
