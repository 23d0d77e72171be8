# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts beside it, which all work from the root of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() {
  printf '==> %s\n' "$*"
}

# goals DIR: what the benches among the last tests in DIR have printed about goals, in one table.
goals() {
  printf '\n| what | measured | goal | |\n|---|---|---|---|\n'
  grep -hE '\| (met|missed) \|$' "$1/Testing/Temporary/LastTest.log" || true
}

# configure_and_build DIR [CMAKE_OPTION...]: builds what `targets` names, else all. Joined by &&: where a caller
# tests it, `set -e` is off in here.
targets=(all)
configure_and_build() {
  local dir=$1
  shift
  cmake -S . -B "$dir" -G Ninja --log-level=WARNING "$@" &&
    cmake --build "$dir" --target "${targets[@]}"
}
