#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# promtool_test.sh PAGE: the page parses and no metric breaks a naming rule. 77 (skipped) without promtool.
set -eu
command -v promtool >/dev/null || exit 77
promtool check metrics <"$1"
