#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every file says whose it is and under which licence (https://reuse.software).
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v reuse >/dev/null; then
  echo "reuse is not installed"
  exit 77
fi
if [ "${1:-}" = --self-test ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  mkdir "$folder/LICENSES"
  cp LICENSES/CC0-1.0.txt "$folder/LICENSES"
  printf '# SPDX-%s\n' 'FileCopyrightText: us' 'License-Identifier: CC0-1.0' >"$folder/a.py"
  reuse --root "$folder" lint >/dev/null 2>&1 || exit 1
  echo "print()" >"$folder/b.py"
  if reuse --root "$folder" lint >/dev/null 2>&1; then exit 1; fi
  exit 0
fi
if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  echo "not in a checkout: what was built cannot be told from what was written"
  exit 77
fi
said=$(reuse lint) || {
  echo "$said"
  exit 1
}
