#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# modules.sh FOLDER: puts the Node modules of package-lock.json there, unless they are.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ $# -ne 1 ]; then
  echo "usage: modules.sh FOLDER" >&2
  exit 2
fi
for program in node npm chromium; do
  command -v "$program" >/dev/null || { echo "there is no $program; script/bootstrap installs it"; exit 77; }
done
mkdir -p "$1"
cd "$1"
if [ -d node_modules ] && cmp -s "$here/package-lock.json" package-lock.json; then exit 0; fi
cp "$here/package.json" "$here/.npmrc" .
cp "$here/package-lock.json" package-lock.json.new
mv package-lock.json.new package-lock.json
npm ci --ignore-scripts --no-audit --no-fund || { rm package-lock.json; echo "npm's registry did not answer"; exit 77; }
