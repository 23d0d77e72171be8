#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Takes the pictures of the live page in docs/pictures, of the built daemon watching a small town.

    SOCKWATCHD=build/daemon/sockwatchd NODE_PATH=…/node_modules tests/browser/pictures.py [FOLDER]
"""
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

import harness  # noqa: E402
import town  # noqa: E402

FOLDER = pathlib.Path(sys.argv.pop() if len(sys.argv) > 1 else HERE.parents[1] / "docs/pictures")


class Pictures(harness.LiveTest):
    def test_take(self):
        place = town.Town(self.net)
        self.addCleanup(place.close)
        for program in town.PROGRAMS:
            place.move_in(*program)
        self.write_policy(town.POLICY)
        time.sleep(1)
        daemon = self.start("--cgroup-root", str(town.cgroup_root()))
        place.connect(town.CONNECTIONS)
        for program in town.STRANGERS:
            place.move_in(*program)
            daemon.wait_alert(comm=program[0])
        daemon.wait_polls(10)
        time.sleep(1.5)
        with self.net:
            subprocess.run(["node", str(HERE / "pictures.cjs"), str(FOLDER)], check=True, timeout=120)


if __name__ == "__main__":
    harness.main()
