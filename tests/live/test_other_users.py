#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What an ordinary user tries, to stand where another one is expected or to keep him out of the alerts: a borrowed name, a
crowd. Each deed is done by a user who has no capability."""
import os
import shutil
import socket
import subprocess

import harness
from harness import wait_until

ATTACKER, OTHER = 54321, 54322
PYTHON = "/usr/bin/python3"

SERVE = """
import socket, sys, time
servers = [socket.create_server((sys.argv[1], int(port))) for port in sys.argv[2:]]
print("open", flush=True)
time.sleep(600)
"""
# Each listener is a process that calls itself something else.
DECOYS = """
import ctypes, os, socket, sys, time
for port in range(int(sys.argv[1]), int(sys.argv[2])):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 9)  # ends with its parent
        ctypes.CDLL(None).prctl(15, b"decoy-%d" % port)
        server = socket.create_server(("0.0.0.0", port))
        os.write(1, b"open\\n")  # in one piece, whoever else writes
        time.sleep(600)
time.sleep(600)
"""
# Becomes the program; its child goes on to serve.
BORROW = """
import ctypes, os, socket, sys, time
servers = [socket.create_server(("0.0.0.0", int(port))) for port in sys.argv[2:]]
parent = os.getpid()
if os.fork() == 0:
    ctypes.CDLL(None).prctl(1, 9)
    print("open", flush=True)
    time.sleep(600)
for server in servers:
    server.set_inheritable(True)
os.execv(sys.argv[1], [sys.argv[1], "600"])
"""


class OtherUsers(harness.LiveTest):
    def play(self, uid, script, *arguments, said=1):
        """Until it says so often that it has opened."""
        with self.net:
            process = subprocess.Popen([PYTHON, "-c", script, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, text=True, user=uid, group=uid, extra_groups=[])
        for undo in (process.stdout.close, process.wait, process.kill):
            self.addCleanup(undo)
        for _ in range(said):
            self.assertEqual(process.stdout.readline(), "open\n")
        return process

    def serve(self, uid, *ports, address="0.0.0.0"):
        return self.play(uid, SERVE, address, *ports)

    def end(self, process):
        process.kill()
        process.wait()

    def another_user_is_reported(self, daemon, port):
        self.serve(OTHER, port)
        daemon.wait_alert(event="listener-opened", tone="wrong", port=port, uid=OTHER)

    def helper(self, mode):
        """A program that does nothing, at a path of its own that everybody may run."""
        path = self.folder / "helper"
        shutil.copy(shutil.which("sleep"), path)
        path.chmod(mode)
        self.folder.chmod(0o755)
        return str(path)

    def test_who_becomes_the_expected_program_or_roots_has_borrowed_both(self):
        if os.statvfs(self.folder).f_flag & os.ST_NOSUID:
            self.skipTest("no setuid programs where the test's files are")
        helper = self.helper(0o4755)
        self.write_policy("".join(f'[[rule]]\nname = "r{port}"\naction = "expect"\nport = {port}\n{key} = "{value}"\n'
                                  for port, key, value in ((4741, "user", "root"), (4742, "exe", helper),
                                                           (4743, "user", "root"))))
        self.configure(first_run="strict")
        self.play(ATTACKER, BORROW, helper, 4741, 4742)
        self.serve(0, 4743)
        daemon = self.start()
        for port in (4741, 4742):
            row = wait_until(lambda at=port: [row for row in daemon.listeners(port=at) if len(row["holders"]) == 2],
                             f"both holders of {port} are shown")[0]
            self.assertEqual((row["verdict"], row["creator_uid"]), ("unexpected", ATTACKER))
            daemon.wait_alert(event="listener-opened", tone="wrong", port=port)
        self.assertTrue(daemon.listeners(port=4743, verdict="expected"), "of root it is expected")

    def test_a_learned_program_is_expected_of_its_user_alone(self):
        first = self.serve(OTHER, 4744)
        daemon = self.start()
        self.assertTrue(daemon.listeners(port=4744, verdict="expected"))
        self.end(first)
        wait_until(lambda: not daemon.listeners(port=4744), "it is closed")
        intruder = self.serve(ATTACKER, 4744)
        wait_until(lambda: daemon.alerts(tone="wrong", port=4744, uid=ATTACKER), "another user's is told")
        self.end(intruder)
        wait_until(lambda: not daemon.listeners(port=4744), "it is closed, too")
        self.serve(OTHER, 4744)
        wait_until(lambda: daemon.listeners(port=4744, verdict="expected"), "the learned one is expected as before")

    def test_what_a_program_s_own_view_of_files_says_changes_no_user(self):
        script = f'mount --bind "{self.helper(0o755)}" /usr/bin/true && exec "$@"'
        shutil.copy(os.path.realpath(PYTHON), self.folder / "helper")
        probe = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"], user=ATTACKER, group=ATTACKER,
                               extra_groups=[], check=False, capture_output=True)
        if probe.returncode:
            self.skipTest("this machine allows no user namespaces")
        daemon = self.start()
        with self.net:
            process = subprocess.Popen(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh",
                                        "/usr/bin/true", "-c", SERVE, "0.0.0.0", "4745"], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, user=ATTACKER, group=ATTACKER, extra_groups=[],
                                       env=os.environ | {"PYTHONHOME": "/usr"})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        daemon.wait_alert(event="listener-opened", tone="wrong", port=4745, uid=ATTACKER, exe="/usr/bin/true")

    def test_who_takes_the_place_of_our_pages_is_reported(self):
        with socket.socket(socket.AF_UNIX) as local:
            local.bind(str(self.folder / "api.sock"))
            local.listen()
            daemon = self.launch(sockets=[local])
        wait_until(lambda: "; pages on " in daemon.stderr, "it serves that socket alone")
        self.serve(ATTACKER, harness.METRICS_PORT, address="127.0.0.1")
        daemon.wait_alert(event="listener-opened", tone="wrong", port=harness.METRICS_PORT, uid=ATTACKER)

    def test_what_somebody_opens_and_closes_all_the_time_damps_nobody_else(self):
        daemon = self.start()

        def happened(event):
            return daemon.metrics().value("sockwatch_listener_events_total", event=event)

        def damped():
            before = happened("listener-opened"), happened("listener-closed")
            flapping = self.serve(ATTACKER, 4746)
            wait_until(lambda: happened("listener-opened") > before[0], "it is open")
            self.end(flapping)
            wait_until(lambda: happened("listener-closed") > before[1], "it is closed")
            return daemon.metrics().value("sockwatch_alerts_suppressed_total", reason="flapping")

        wait_until(damped, "his alerts are kept back", 30)
        self.another_user_is_reported(daemon, 4746)

    def test_a_crowd_of_alerts_keeps_back_its_own_alone_and_not_for_good(self):
        daemon = self.start()
        self.play(ATTACKER, DECOYS, 5000, 5030, said=30)
        wait_until(lambda: daemon.metrics().value("sockwatch_alerts_suppressed_total", reason="folded"), "some are folded")
        self.another_user_is_reported(daemon, 4747)
        told = wait_until(lambda: (alerts := daemon.alerts(event="alerts-folded")) and alerts[0], "they are counted", 30)
        self.assertIn(str(ATTACKER), told["message"])
        decoys = set(range(5000, 5030))
        wait_until(lambda: {alert.get("port") for alert in daemon.alerts(tone="wrong")} >= decoys, "each has been told", 60)

    def test_past_the_most_that_are_kept_another_users_listener_has_room(self):
        self.write_settings("[watch]\nmax_listeners = 100\n")
        daemon = self.start()
        self.serve(ATTACKER, *range(5000, 5300), address="127.0.0.1")
        wait_until(lambda: daemon.metrics().value("sockwatch_listeners_over_limit") >= 200, "his are counted")
        self.assertLessEqual(len(daemon.listeners(uid=ATTACKER)), 50, "no more than half of the room")
        self.another_user_is_reported(daemon, 4748)
        wait_until(lambda: [alert for alert in daemon.alerts(event="monitor-degraded")
                            if f"user {ATTACKER}" in alert["message"]], "who has most is named", 30)


if __name__ == "__main__":
    harness.main()
