#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A second owner, another owner, an upgraded one, plaintext in wide reach: what is told, and how it ends."""
import os
import shutil
import socket
import subprocess
import sys

import harness

TWO_OWNERS = ((socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),)
# Opens one socket like those of open_socket() and waits to be killed.
PROGRAM = """
import socket, sys, time
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
made = socket.socket(socket.AF_INET, kind)
made.setsockopt(socket.SOL_SOCKET, int(sys.argv[3]), 1)
made.bind(("0.0.0.0", int(sys.argv[2])))
if sys.argv[1] == "tcp":
    made.listen()
print("open", flush=True)
time.sleep(600)
"""


class Owners(harness.LiveTest):
    def other_python(self, name):
        """The same program under another name, which makes it another one."""
        path = self.folder / name
        if not path.exists():
            shutil.copy(os.path.realpath(sys.executable), path)
            self.folder.chmod(0o755)
        return str(path)

    def open_by(self, program, protocol, port, option=socket.SO_REUSEPORT, user=None):
        with self.net:
            process = subprocess.Popen([program, "-c", PROGRAM, protocol, str(port), str(int(option))],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, user=user,
                                       env=os.environ | {"PYTHONHOME": sys.prefix})
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b"open\n")
        return process

    def expect(self, port, **matchers):
        lines = "".join(f'{key} = "{value}"\n' for key, value in matchers.items())
        self.write_policy(f'[[rule]]\nname = "mine"\naction = "expect"\nport = {port}\n{lines}')

    def test_a_second_program_on_a_port_is_told_and_its_leaving_too(self):
        self.expect(7706, exe=os.path.realpath(sys.executable))
        self.open_socket("tcp", "0.0.0.0", 7706, options=TWO_OWNERS)
        daemon = self.start()
        intruder = self.open_by(self.other_python("intruder"), "tcp", 7706)
        alert = daemon.wait_alert(event="second-owner", port=7706)
        expected = {"tone": "wrong", "verdict": "unexpected", "exe": str(self.folder / "intruder"), "pid": intruder.pid,
                    "other_exe": os.path.realpath(sys.executable), "other_pid": os.getpid()}
        self.assertEqual({key: alert.get(key) for key in expected}, expected)
        self.assertTrue(alert["parents"].startswith(f"{self.own_name()} ({os.getpid()})"), alert)
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_unexpected_listeners") == 1, "it is counted")
        intruder.kill()
        intruder.wait()
        daemon.wait_alert(event="second-owner", tone="right", port=7706)
        harness.wait_until(lambda: daemon.listeners(port=7706, verdict="expected"), "port 7706 is expected again")
        self.assertEqual(len(daemon.alerts(port=7706)), 2, "once each, and nothing else")
        self.assertEqual(daemon.metrics().value("sockwatch_listener_events_total", event="second-owner",
                                                verdict="unexpected"), 1)

    def own_name(self):
        with open("/proc/self/comm", encoding="utf-8") as file:
            return file.read().strip()

    def test_more_sockets_of_one_program_are_no_second_owner(self):
        daemon = self.start()
        for _ in range(4):
            self.open_socket("tcp", "0.0.0.0", 7001, options=TWO_OWNERS)
        harness.wait_until(lambda: daemon.listeners(port=7001, members=4), "four sockets")
        self.assertEqual(daemon.alerts(event="second-owner"), [])

    def test_a_second_user_on_a_udp_port_is_told(self):
        share = ((socket.SOL_SOCKET, socket.SO_REUSEADDR, 1),)
        self.open_socket("udp", "0.0.0.0", 7002, options=share)
        daemon = self.start()
        self.open_by(self.other_python("other"), "udp", 7002, socket.SO_REUSEADDR, user=65534)
        alert = daemon.wait_alert(event="second-owner", port=7002)
        self.assertEqual((alert["uid"], alert["other_user"]), (65534, "root"))

    def test_a_second_owner_that_stays_is_told_once_over_restarts(self):
        self.open_socket("tcp", "0.0.0.0", 7003, options=TWO_OWNERS)
        daemon = self.start()
        self.open_by(self.other_python("intruder"), "tcp", 7003)
        daemon.wait_alert(event="second-owner", port=7003)
        daemon.stop()
        again = self.start()
        again.wait_polls(3)
        self.assertEqual(again.alerts(port=7003), [])

    def test_what_shares_a_port_at_the_first_start_is_learned(self):
        self.open_socket("tcp", "0.0.0.0", 7004, options=TWO_OWNERS)
        self.open_by(self.other_python("neighbour"), "tcp", 7004)
        daemon = self.start()
        daemon.wait_polls(3)
        self.assertEqual(daemon.alerts(port=7004), [])
        self.assertTrue(daemon.listeners(port=7004, verdict="expected"))

    def test_explain_shows_every_owner_and_where_the_first_comes_from(self):
        first = self.open_by(self.other_python("first"), "tcp", 7005)
        second = self.open_by(self.other_python("second"), "tcp", 7005)
        told = self.run_program(harness.SOCKWATCH, "explain", "7005", "--config", str(self.config), "--state-dir",
                                str(self.state)).stdout
        self.assertIn(f"child of       {self.own_name()} ({os.getpid()})", told)
        for process in (first, second):
            self.assertIn(f"pid {process.pid}", told)
        self.assertIn("shared with", told)

    def test_another_owner_in_an_expected_place_is_a_notice_that_names_both(self):
        self.expect(7006)
        mine = self.open_socket("tcp", "0.0.0.0", 7006)
        daemon = self.start()
        mine.close()
        nc = self.open_by_other_program(7006)
        alert = daemon.wait_alert(event="owner-changed", port=7006)
        self.assertEqual((alert["tone"], alert["pid"], alert["other_exe"]),
                         ("right", nc.pid, os.path.realpath(sys.executable)))

    def test_an_upgraded_program_is_the_same_one(self):
        old = self.open_by(self.other_python("server"), "tcp", 7007)
        daemon = self.start()
        os.rename(self.other_python("server"), self.folder / "replaced")
        os.unlink(self.folder / "replaced")
        self.assertTrue(os.readlink(f"/proc/{old.pid}/exe").endswith(" (deleted)"))
        old.kill()
        old.wait()
        new = self.open_by(self.other_python("server"), "tcp", 7007)
        harness.wait_until(lambda: daemon.listeners(port=7007, pid=new.pid), "the new one is seen")
        self.assertEqual(daemon.alerts(port=7007), [])

    def test_plaintext_in_wide_reach_is_told_with_the_way_out_and_its_end(self):
        self.expect(11211)
        self.open_socket("tcp", "127.0.0.1", 11211)
        daemon = self.start()
        wide = self.open_socket("tcp", "10.1.2.3", 11211)
        harness.wait_until(lambda: daemon.listeners(port=11211, scope="private"), "the private one is seen")
        self.assertEqual(daemon.alerts(port=11211), [], "private is as far as it may go")
        wide.close()
        self.open_socket("tcp", "192.88.99.5", 11211)
        alert = daemon.wait_alert(event="plaintext-exposed", port=11211)
        self.assertEqual((alert["tone"], alert["verdict"], alert["scope"], alert["encrypted"]),
                         ("wrong", "expected", "public", "no"))
        self.assertTrue(alert["safer"])
        self.write_policy(alert["allow"], name="10-meant.toml")
        daemon.reload()
        daemon.wait_alert(event="plaintext-exposed", tone="right", port=11211)
        self.assertEqual(len(daemon.alerts(event="plaintext-exposed")), 2)

    def test_plaintext_that_closes_is_over(self):
        self.expect(11211)
        daemon = self.start()
        wide = self.open_socket("udp", "0.0.0.0", 11211)
        daemon.wait_alert(event="plaintext-exposed", tone="wrong", port=11211)
        wide.close()
        daemon.wait_alert(event="plaintext-exposed", tone="right", port=11211)

    def test_what_is_unexpected_and_plaintext_is_one_alert_that_says_both(self):
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 11211)
        alert = daemon.wait_alert(event="listener-opened", port=11211)
        self.assertIn("not encrypted", alert["message"])
        daemon.wait_polls(2)
        self.assertEqual(len(daemon.alerts(port=11211)), 1)

    def test_an_alert_ends_when_a_rule_expects_it(self):
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 7008)
        alert = daemon.wait_alert(event="listener-opened", port=7008)
        self.write_policy(alert["allow"])
        daemon.reload()
        ended = daemon.wait_alert(event="listener-opened", tone="right", port=7008)
        self.assertIn("no longer unexpected", ended["message"])


if __name__ == "__main__":
    harness.main()
