#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Whoever may write to the journal may give his entries our fields and ids. So whatever shows how to ask journalctl for
them asks for the sender as well, which journald vouches for."""
import re

import lint

ASKS = re.compile(r"journalctl\b.*(SOCKWATCH_|MESSAGE_ID=|-t sockwatchd|SYSLOG_IDENTIFIER=)")
VOUCHED_FOR = re.compile(r"-u sockwatch\b|_SYSTEMD_UNIT=sockwatch\.service")


def check(root):
    for path in lint.files(root, ".md", ".scd", ".catalog", ".html", ".yml", ".json"):
        for number, line in lint.lines(root, path):
            if ASKS.search(line) and not VOUCHED_FOR.search(line):
                yield f"{path}:{number}: journalctl shows forged entries, too: say -u sockwatch"


GOOD = {"docs/a.md": "    journalctl -u sockwatch SOCKWATCH_PORT=1\n    journalctl -u nginx\n",
        "a.catalog": "journalctl _SYSTEMD_UNIT=a.service + _SYSTEMD_UNIT=sockwatch.service SOCKWATCH_UNIT=a.service\n"}
BAD = [
    ({"docs/a.md": "\n    journalctl SOCKWATCH_EVENT=listener-opened\n"}, "docs/a.md:2: journalctl shows forged"),
    ({"a.catalog": "journalctl -t sockwatchd\n"}, "a.catalog:1: "),
    ({"docs/man/a.scd": "*journalctl MESSAGE_ID=0 -u nginx*\n"}, "docs/man/a.scd:1: "),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
