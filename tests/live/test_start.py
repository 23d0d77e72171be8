#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A start never blesses: whatever state it finds and whatever else goes wrong then, what is open is not learned in place
of a state that was lost, neither at that start nor at a later one. Products of hazards, not hazards."""
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess

import harness

INTRUDER = 4700
RECEIVER = 9095
GIVEN_UP = 1 << 12 | 1 << 38 | 1 << 39  # CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF


def bytes_of(text):
    return lambda file: file.write_bytes(text)


def too_large(file):
    file.write_bytes(b"{")
    os.truncate(file, 300 << 20)


def folder(file):
    file.mkdir()
    (file / "inside").write_text("x")


def only_set_aside(file):
    """As a run leaves it that died between the two names."""
    file.with_name("state.json.corrupt").write_text("{")
    file.with_name("state.json.new").write_text('{"version": 1')


DAMAGES = {
    "no json": bytes_of(b"{ damaged"),
    "empty": bytes_of(b""),
    "of another version": bytes_of(b'{"version": 999}'),
    "without what was learned": bytes_of(b'{"version": 1, "boot_id": "", "listeners": []}'),
    "zeros": bytes_of(bytes(4096)),
    "too large": too_large,
    "a folder": folder,
    "a pipe": os.mkfifo,
    "a link to nowhere": lambda file: file.symlink_to("nowhere"),
    "set aside, and nothing saved since": only_set_aside,
}


class Start(harness.LiveTest):
    def setUp(self):
        super().setUp()
        self.open_socket("tcp", "0.0.0.0", INTRUDER)
        self.undo = contextlib.ExitStack()
        self.addCleanup(self.undo.close)

    # What else goes wrong at the first of two starts. Each starts a daemon and ends it.
    def nothing(self):
        self.assertEqual(self.start().stop(), 0)

    def port_taken(self):
        with self.open_socket("tcp", "127.0.0.1", harness.METRICS_PORT):
            self.assertEqual(self.launch().wait_exit(), 1)

    def no_events(self):
        self.write_settings('[watch]\nevents = "bpf"\n')
        try:
            daemon = self.launch_without("bpf", "perfmon", "sys_admin")
            self.assertEqual(daemon.wait_exit(), 1, daemon.stderr)
        finally:
            self.write_settings("")

    def webhook(self, receiver):
        self.write_settings(f'[[alerts.webhook]]\nurl = "http://127.0.0.1:{RECEIVER}/"\nkind = "json"\n')
        try:
            with receiver:
                daemon = self.start()
                daemon.wait_polls(2)
                self.check_privileges(daemon)
                self.assertEqual(daemon.stop(), 0)
        finally:
            self.write_settings("")

    def closed_webhook(self):
        self.webhook(contextlib.nullcontext())

    def slow_webhook(self):
        self.webhook(self.open_socket("tcp", "127.0.0.1", RECEIVER))

    def port_taken_with_webhook(self):
        self.write_settings(f'[[alerts.webhook]]\nurl = "http://127.0.0.1:{RECEIVER}/"\nkind = "json"\n')
        try:
            self.port_taken()
        finally:
            self.write_settings("")

    def killed_at_once(self):
        self.killed(0)

    def killed_soon(self):
        self.killed(0.03)

    def killed_later(self):
        self.killed(0.15)

    def killed(self, seconds):
        daemon = self.launch()
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.process.wait(seconds)
        daemon.process.kill()
        daemon.wait_exit()

    def killed_when_ready(self):
        daemon = self.start()
        daemon.process.kill()
        daemon.wait_exit()

    def full_disk(self):
        with self.a_full_disk():
            daemon = self.start()
            self.assertEqual(daemon.stop(), 0)

    @contextlib.contextmanager
    def a_full_disk(self):
        """Until it is left, not a byte more fits below the state directory: a file system of its own without room."""
        filler = self.state / "filler"
        if not self.state.is_mount():
            before = self.folder / "before"
            self.state.rename(before)
            self.state.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", self.state], check=True)
            self.undo.callback(subprocess.run, ["umount", "--lazy", self.state], check=True)
            for entry in before.iterdir():
                if entry.stat(follow_symlinks=False).st_size < 65536 or entry.is_dir():
                    subprocess.run(["cp", "-a", entry, self.state], check=True)
            shutil.rmtree(before)
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        yield
        filler.unlink()

    def check_privileges(self, daemon):
        for status in pathlib.Path(f"/proc/{daemon.process.pid}/task").glob("*/status"):
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            self.assertEqual(int(fields["CapEff"], 16) & GIVEN_UP, 0, fields["Name"])

    def renew_state(self):
        if self.state.is_mount():
            self.undo.close()
        shutil.rmtree(self.state)
        self.state.mkdir()

    def check_nothing_is_blessed(self):
        for number in (1, 2):
            daemon = self.start()
            harness.wait_until(lambda: daemon.listeners(port=INTRUDER), "the intruder is seen")
            self.assertEqual([row["verdict"] for row in daemon.listeners(port=INTRUDER)], ["unexpected"], number)
            daemon.stop()
        for daemon in self.daemons:
            self.assertEqual(daemon.alerts(event="baseline-learned"), [])

    def test_no_state_that_was_lost_is_learned_anew_whatever_else_goes_wrong(self):
        hazards = [self.nothing, self.port_taken, self.no_events, self.closed_webhook, self.slow_webhook,
                   self.port_taken_with_webhook, self.killed_at_once, self.killed_soon, self.killed_later,
                   self.killed_when_ready, self.full_disk]
        # Each damage with each hazard takes minutes: each with a few, by turns, so that two starts in a row differ, too.
        turns = itertools.cycle(hazards)
        for damage, make in DAMAGES.items():
            for _ in range(3):
                first, second = next(turns), next(turns)
                with self.subTest(damage=damage, first=first.__name__, second=second.__name__):
                    self.renew_state()
                    self.daemons.clear()
                    make(self.state / "state.json")
                    if damage == "too large" and self.full_disk in (first, second):
                        continue  # does not fit on the small disk
                    first()
                    second()
                    self.check_nothing_is_blessed()

    def test_a_lost_state_is_told_and_the_way_out_is_to_remove_all_of_it(self):
        (self.state / "state.json").write_text("{ damaged")
        daemon = self.start()
        self.assertIn("state.json", daemon.wait_alert(event="monitor-degraded")["message"])
        daemon.wait_alert(event="listener-opened", port=INTRUDER)
        daemon.stop()
        (self.state / "state.json").unlink()
        self.assertIn("state.json.corrupt", self.start().wait_alert(event="monitor-degraded")["message"])
        self.daemons[-1].stop()
        for name in ("state.json", "state.json.corrupt"):
            (self.state / name).unlink()
        self.start().wait_alert(event="baseline-learned")

    def test_a_start_that_failed_before_it_learned_is_still_the_first_one(self):
        for hazard in (self.port_taken, self.no_events, self.killed_at_once):
            with self.subTest(hazard=hazard.__name__):
                self.renew_state()
                hazard()
                if not (self.state / "state.json").exists():
                    daemon = self.start()
                    self.assertIn(str(INTRUDER), daemon.wait_alert(event="baseline-learned")["message"])
                    daemon.stop()
                self.assertTrue(json.loads((self.state / "state.json").read_text())["learned"])

    def test_killed_anywhere_in_its_first_start_it_learns_once_and_says_so(self):
        for milliseconds in (0, 10, 20, 40, 80, 120, 160, 240):
            with self.subTest(milliseconds=milliseconds):
                self.renew_state()
                self.daemons.clear()
                self.killed(milliseconds / 1000)
                was_told = bool(self.daemons[0].alerts(event="baseline-learned"))
                later = self.open_socket("tcp", "0.0.0.0", INTRUDER + 1)
                again = self.start()
                again.wait_polls(1)
                told = [daemon for daemon in self.daemons if daemon.alerts(event="baseline-learned")]
                self.assertTrue(told, "what counts as learned was listed")
                if was_told:
                    self.assertTrue(again.listeners(port=INTRUDER + 1, verdict="unexpected"))
                again.stop()
                later.close()

    def test_a_baseline_that_cannot_be_saved_is_told_and_is_the_last_one(self):
        with self.a_full_disk():
            daemon = self.start()
            self.assertIn(str(INTRUDER), daemon.wait_alert(event="baseline-learned")["message"])
            self.assertIn("No space left", daemon.wait_alert(event="monitor-degraded")["message"])
            daemon.process.kill()
            daemon.wait_exit()
            self.open_socket("tcp", "0.0.0.0", INTRUDER + 1)
            again = self.start()
            again.wait_alert(event="listener-opened", port=INTRUDER + 1)
            self.assertEqual(again.alerts(event="baseline-learned"), [])
            again.stop()

    def test_a_baseline_is_saved_as_soon_as_there_is_room(self):
        with self.a_full_disk():
            daemon = self.start()
            daemon.wait_alert(event="monitor-degraded")
        harness.wait_until(lambda: daemon.alerts(event="monitor-recovered"), "it is tried again", seconds=20)
        daemon.process.kill()
        daemon.wait_exit()
        self.open_socket("tcp", "0.0.0.0", INTRUDER + 1)
        again = self.start()
        again.wait_alert(event="listener-opened", port=INTRUDER + 1)
        self.assertTrue(again.listeners(port=INTRUDER, verdict="expected"))

    def test_where_nothing_can_be_kept_nothing_is_learned(self):
        self.state.rmdir()
        for make in (lambda: self.state.write_text("a file"), lambda: self.state.symlink_to("nowhere")):
            make()
            daemon = self.start()
            daemon.wait_alert(event="monitor-degraded")
            daemon.wait_alert(event="listener-opened", port=INTRUDER)
            self.assertEqual(daemon.alerts(event="baseline-learned"), [])
            daemon.stop()
            self.state.unlink()


if __name__ == "__main__":
    harness.main()
