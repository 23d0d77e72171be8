// SPDX-License-Identifier: Apache-2.0
#include "cli/systemd_build.h"

#include <gtest/gtest.h>

namespace sockwatch {
namespace {

TEST(SystemdBuild, is_read_from_what_systemctl_prints) {
  const SystemdBuild debian = parse_systemd_version(
      "systemd 252 (252.38-1~deb12u1)\n+PAM +AUDIT -BPF_FRAMEWORK -XKBCOMMON default-hierarchy=unified\n");
  EXPECT_EQ(debian.version, 252U);
  EXPECT_EQ(debian.bpf_framework, std::optional(false));
  const SystemdBuild candidate = parse_systemd_version("systemd 254~rc1\n+BPF_FRAMEWORK\n");
  EXPECT_EQ(candidate.version, 254U);
  EXPECT_EQ(candidate.bpf_framework, std::optional(true));
}

TEST(SystemdBuild, what_says_nothing_is_not_known) {
  for (const char* text : {"", "\n", "systemd", "systemd x", "sysvinit 252"}) {
    EXPECT_EQ(parse_systemd_version(text).version, 0U) << text;
    EXPECT_EQ(parse_systemd_version(text).bpf_framework, std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sockwatch
