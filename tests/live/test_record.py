#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What was recorded on a machine is the same listeners when it is replayed, also by somebody without any privilege."""
import json
import os

import harness


def places(rows):
    return sorted((row["protocol"], row["address"], row["port"], row["bind"], row["scope"]) for row in rows)


def places_on(page):
    return places(labels for labels, _ in page.rows("sockwatch_listener_info"))


class Record(harness.LiveTest):
    def record(self):
        for number, address in enumerate(("0.0.0.0", "127.0.0.1", "10.1.2.3", "::", "::1", "fd00::1", "fe80::1%1")):
            self.open_socket("tcp", address, 9000 + number)
            self.open_socket("udp", address, 9000 + number)
        self.open_socket("tcp", "127.0.0.1")
        file = self.folder / "sockets.nlcap"
        recorded = self.run_program(harness.SOCKWATCHD, *self.arguments("--once", "--record", str(file)))
        self.assertEqual(recorded.returncode, 0, recorded.stderr)
        return file, harness.Metrics(recorded.stdout)

    def test_a_replay_shows_the_listeners_of_the_recording(self):
        file, page = self.record()
        again = self.run_program(harness.SOCKWATCHD, "--config", str(self.config), "--once", "--replay", str(file))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertGreaterEqual(len(places_on(page)), 15)
        self.assertEqual(places_on(harness.Metrics(again.stdout)), places_on(page))

    def test_the_tool_reads_a_recording_without_privilege(self):
        file, _ = self.record()
        os.chmod(self.folder, 0o755)
        os.chmod(file, 0o644)
        listed = self.run_program("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all",
                                  harness.SOCKWATCH, "list", "--replay", str(file), "--json")
        rows = [row for row in json.loads(listed.stdout)["sockets"] if 9000 <= row["port"] < 9010]
        self.assertEqual(len(rows), 14)

    def test_a_recording_that_is_cut_short_is_told_and_no_crash(self):
        file, _ = self.record()
        file.write_bytes(file.read_bytes()[:-7])
        cut = self.run_program(harness.SOCKWATCHD, "--config", str(self.config), "--once", "--replay", str(file))
        self.assertIn(cut.returncode, (0, 1, 2), cut.stderr)
        self.assertTrue(cut.stderr)


if __name__ == "__main__":
    harness.main()
