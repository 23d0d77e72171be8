// SPDX-License-Identifier: Apache-2.0
#include "cli/systemd_build.h"

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "lib/base/text.h"

namespace sockwatch {
namespace {

struct ClosePipe {
  void operator()(FILE* pipe) const { (void)::pclose(pipe); }  // its exit code says no more than its words
};

}  // namespace

SystemdBuild parse_systemd_version(std::string_view text) {
  SystemdBuild build;
  const auto lines = split(text, '\n');
  const auto words = split(lines.front(), ' ');
  if (words.size() < 2 || words[0] != "systemd") return build;
  // "252" or, of a release candidate, "254~rc1".
  const std::string_view number = words[1].substr(0, words[1].find_first_not_of("0123456789"));
  build.version = parse_integer<unsigned>(number).value_or(0);
  for (const std::string_view line : lines) {
    for (const std::string_view feature : split(line, ' ')) {
      if (feature == "+BPF_FRAMEWORK") build.bpf_framework = true;
      if (feature == "-BPF_FRAMEWORK") build.bpf_framework = false;
    }
  }
  return build;
}

SystemdBuild read_systemd_build() {
  const std::unique_ptr<FILE, ClosePipe> pipe(::popen("systemctl --version 2>/dev/null", "re"));
  if (!pipe) return {};
  std::array<char, 4096> text{};
  const std::size_t length = std::fread(text.data(), 1, text.size(), pipe.get());
  return parse_systemd_version({text.data(), length});
}

}  // namespace sockwatch
