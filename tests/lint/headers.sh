#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# headers.sh CXX GENERATED: every header compiles alone, with nothing included before it. GENERATED is the build
# tree's folder of headers made by the build.
set -euo pipefail
cd "$(dirname "$0")/../.."

compiles_alone() {
  "$@" -std=c++20 -I. -Wall -Wextra -Werror -fsyntax-only -x c++ /dev/null
}

if [ "${1:-}" = --self-test ]; then
  header=$(mktemp --suffix=.h)
  trap 'rm -f "$header" "$header.good"' EXIT
  echo 'std::string forgot_its_include();' >"$header"
  if compiles_alone c++ -include "$header" 2>/dev/null; then exit 1; fi
  echo '#include <string>' | cat - "$header" >"$header.good"
  compiles_alone c++ -include "$header.good"
  exit
fi
export -f compiles_alone
find lib daemon cli relay tests/fakes -name '*.h' ! -name '*.bpf.h' -print0 |
  xargs -0 -P "$(nproc)" -I '{}' bash -c 'compiles_alone "$@"' _ "$1" -I "$2" -include '{}'
