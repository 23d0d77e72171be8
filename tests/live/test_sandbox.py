#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The running daemon has narrowed itself, in every thread. (That it still does its work so is what all the other tests
here say: they run it as it is.)"""
import pathlib
import re

import harness

HASH = "$2y$10$aRaMtssXYa7FHMfbSHPzkOmS4zP24sXyPSoct8Y5JUeUlYg11quYW"
WEBHOOK = '[[alerts.webhook]]\nurl = "http://127.0.0.1:1/"\n'


def statuses(pid):
    """Of every thread: the fields of its status."""
    return [dict(re.findall(r"^(\w+):\t(.*)$", path.read_text(), re.M))
            for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]


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


if __name__ == "__main__":
    harness.main()
