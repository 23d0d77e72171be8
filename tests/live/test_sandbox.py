#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The running daemon has narrowed itself, in every thread. (That it still does its work so is what all the other tests
here say: they run it as it is.)"""
import pathlib
import platform
import re

import harness

HASH = "$2y$10$aRaMtssXYa7FHMfbSHPzkOmS4zP24sXyPSoct8Y5JUeUlYg11quYW"
WEBHOOK = '[[alerts.webhook]]\nurl = "http://127.0.0.1:1/"\n'


def statuses(pid):
    """Of every thread: the fields of its status."""
    return [dict(re.findall(r"^(\w+):\t(.*)$", path.read_text(), re.M))
            for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]


# Becomes what it is told, to whom seccomp(2) is refused.
REFUSE_SECCOMP = """
import ctypes, os, struct, sys
program = b"".join(struct.pack("HBBI", *each) for each in (
    (0x20, 0, 0, 0), (0x15, 0, 1, 317), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
code = ctypes.create_string_buffer(program)
assert libc.prctl(22, 2, struct.pack("HL", 4, ctypes.addressof(code))) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""


class Sandbox(harness.LiveTest):
    def test_every_thread_is_narrowed(self):
        (self.folder / "web.yml").write_text(f"basic_auth_users:\n  alice: {HASH}\n")
        outside = int(statuses("self")[0]["Seccomp_filters"])
        self.write_settings(WEBHOOK)
        daemon = self.launch("--web.config.file", str(self.folder / "web.yml"))
        harness.wait_until(lambda: "; pages on " in daemon.stderr, "everything is open", seconds=10)
        threads = statuses(daemon.process.pid)
        self.assertGreater(len(threads), 2, "the pages and the passwords have threads of their own")
        for thread in threads:
            found = (thread["NoNewPrivs"], thread["Seccomp"], int(thread["Seccomp_filters"]))
            self.assertEqual(found, ("1", "2", outside + 1), thread["Name"])
        self.assertNotIn("stay allowed", daemon.stderr)

    def test_a_kernel_that_refuses_the_filter_is_said_and_does_not_stop_it(self):
        if platform.machine() != "x86_64":
            self.skipTest("the number of seccomp(2) is another one here")
        (self.folder / "refuse.py").write_text(REFUSE_SECCOMP)
        daemon = self.launch_under("/usr/bin/python3", str(self.folder / "refuse.py"), harness.SOCKWATCHD).wait_ready()
        self.assertEqual(sum("stay allowed" in line for line in daemon.log), 1)
        self.open_socket("tcp", "10.1.2.3", 4770)
        daemon.wait_alert(event="listener-opened", port=4770)


if __name__ == "__main__":
    harness.main()
