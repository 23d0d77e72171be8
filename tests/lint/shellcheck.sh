#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every shell script passes shellcheck; which files are scripts, their first line tells.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is not installed"
  exit 77
fi
if [ "${1:-}" = --self-test ]; then
  shellcheck - <<<$'#!/bin/sh\nrm "$1"' || exit 1
  if shellcheck - <<<$'#!/bin/sh\nrm $1' >/dev/null; then exit 1; fi
  exit 0
fi
find . \( -path ./.git -o -path './build*' \) -prune -o -type f -print0 |
  xargs -0 grep -lEZ -m1 '^#!.*[ /](ba)?sh$|^# shellcheck shell=' |
  xargs -0 shellcheck -x
