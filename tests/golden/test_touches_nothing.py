#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A replay needs no privilege, and touches neither the processes of the machine nor the network."""
import os
import re
import shutil
import sys
import tempfile

import golden
from golden import CASES, SOCKWATCH, SOCKWATCHD, recording, run

OPEN = re.compile(r'open(?:at)?\((?:AT_FDCWD|\d+)[^,]*, "([^"]*)"')
# What a replay has no business in. The loader and libc read elsewhere.
MACHINE = re.compile(r"/(proc|sys|dev|run|var)(/|$)")


def strace(*command):
    """The system calls that open a file or a socket, as strace writes them."""
    with tempfile.NamedTemporaryFile("r") as log:
        done = run("strace", "-f", "-qq", "-o", log.name, "-e", "trace=open,openat,socket,connect", "--", *command)
        return done, log.read().splitlines()


class TouchesNothing(golden.GoldenTest):
    def check(self, *command):
        done, calls = strace(*command)
        self.assert_fine(done)
        opened = [found[1] for call in calls if (found := OPEN.search(call))]
        self.assertIn(str(recording("mixed.swcap")), opened, "strace has not seen what it must")
        self.assertEqual([path for path in opened if MACHINE.match(path)], [])
        self.assertEqual([call for call in calls if re.search(r"\b(socket|connect)\(", call)], [])

    def test_the_daemon(self):
        self.check(SOCKWATCHD, "--config", CASES / "rules" / "sockwatch.toml", "--once", "--replay",
                   recording("mixed.swcap"))

    def test_the_tool(self):
        self.check(SOCKWATCH, "list", "--config", CASES / "rules" / "sockwatch.toml", "--state-dir", "/nonexistent",
                   "--replay", recording("mixed.swcap"))

    def test_what_is_looked_for_would_be_found(self):
        done, calls = strace(sys.executable, "-c", "import socket; open('/proc/self/stat'); socket.socket()")
        self.assert_fine(done)
        self.assertTrue([call for call in calls if (found := OPEN.search(call)) and MACHINE.match(found[1])])
        self.assertTrue([call for call in calls if "socket(" in call])


def skip(reason):
    print(reason)
    sys.exit(77)


if __name__ == "__main__":
    if os.environ.get("SANITIZED"):
        skip("a sanitizer reads /proc for itself")
    if not shutil.which("strace"):
        skip("needs strace")
    if run("strace", "-qq", "-o", "/dev/null", "true").returncode != 0:
        skip("strace may not trace here")
    golden.main()
