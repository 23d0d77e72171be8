#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The live page as a person meets it: the built daemon and Debian's Chromium in a network namespace of their own. Each
test is a scene of scenes.cjs."""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

import harness  # noqa: E402

EVIL_NAME = "<img src=x onerror=alert(1)>"


class Page(harness.LiveTest):
    def configure(self, **policy):
        super().configure(**policy)
        # Which others this kernel can show is not what the page is tested for: here all is seen that is asked for.
        self.config.write_text(self.config.read_text().replace("[watch]", '[watch]\nfamilies = ["tcp", "udp"]'))

    def play(self, scene, *arguments):
        self.daemon = self.start()
        with self.net:
            played = subprocess.run(["node", str(HERE / "scenes.cjs"), scene, *map(str, arguments)],
                                    stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                    timeout=90 * harness.PATIENCE, check=False)
        self.assertEqual(played.returncode, 0, f"\n{played.stdout}\n{played.stderr}")

    def test_a_port_that_opens_appears_and_one_that_closes_goes_without_a_reload(self):
        self.play("comingAndGoing")

    def test_axe_finds_no_violation_in_light(self):
        self.play("accessible", "light")

    def test_axe_finds_no_violation_in_dark(self):
        self.play("accessible", "dark")

    def test_an_evil_process_name_stays_text(self):
        program = self.folder / EVIL_NAME
        shutil.copy(shutil.which("nc"), program)
        with self.net:
            process = subprocess.Popen([program, "-4", "-l", "-p", "4712"], stdin=subprocess.DEVNULL)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            harness.wait_until(lambda: harness.is_listening(4712), "the evil program listens")
        self.play("evilName", EVIL_NAME)

    def test_search_and_sort_work_by_keyboard(self):
        for port in (4713, 4714, 80):
            self.open_socket("tcp", "0.0.0.0", port)
        self.play("searchAndSort")

    def test_marks_are_walked_by_arrows_and_lead_to_their_rows(self):
        for port in (80, 4713):
            self.open_socket("tcp", "0.0.0.0", port)
        self.play("marks")

    def test_alerts_are_told_with_what_they_mean_and_what_would_allow_them(self):
        self.play("alerts")

    def test_without_javascript_there_is_a_plain_table(self):
        self.open_socket("tcp", "0.0.0.0", 4715)
        self.play("withoutScript")

    def test_a_daemon_that_is_gone_is_said_and_one_that_is_back_is_seen(self):
        self.play("goneAndBack", *self.arguments())
        self.assertEqual(self.daemon.wait_exit(), 0)

    def run(self, result=None):
        if not shutil.which("chromium"):
            self.skipTest("chromium is not installed")
        super().run(result)


if __name__ == "__main__":
    if os.environ.get("NODE_PATH") is None:
        sys.exit("NODE_PATH must name the folder that modules.sh filled")
    if not os.path.isdir(os.environ["NODE_PATH"]):
        print("modules.sh could not fill NODE_PATH")
        sys.exit(77)
    harness.main()
