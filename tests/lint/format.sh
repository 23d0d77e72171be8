#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C++ file is laid out as .clang-format says. To mend: clang-format-14 -i FILE.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v clang-format-14 >/dev/null; then
  echo "clang-format-14 is not installed"
  exit 77
fi
check=(clang-format-14 --dry-run --Werror --style=file)
if [ "${1:-}" = --self-test ]; then
  "${check[@]}" --assume-filename=lib/a.cpp <<<'int f();' || exit 1
  if "${check[@]}" --assume-filename=lib/a.cpp <<<'int  f( );' 2>/dev/null; then exit 1; fi
  exit 0
fi
find lib daemon cli relay tests \( -name '*.h' -o -name '*.cpp' -o -name '*.c' \) -print0 |
  xargs -0 "${check[@]}"
