#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Who is told what, and how soon; and what is no news."""
import os
import time

import harness


class Alerts(harness.LiveTest):
    def test_a_port_that_opens_is_told_within_a_second_with_the_culprit_and_the_way_out(self):
        daemon = self.start()
        nc = self.open_by_other_program(4444)
        opened = time.monotonic()
        alert = daemon.wait_alert(event="listener-opened", port=4444)
        self.assertLess(alert["heard"] - opened, 1 * harness.PATIENCE)
        expected = {"protocol": "tcp", "address": "0.0.0.0", "bind": "explicit", "scope": "any",
                    "category": "registered", "verdict": "unexpected", "comm": "nc", "pid": nc.pid, "uid": 0,
                    "user": "root", "exe": os.path.realpath("/bin/nc"), "namespace": "host", "owner_state": "known"}
        self.assertEqual({key: alert.get(key) for key in expected}, expected)
        self.assertTrue(alert["service"])
        self.assertIn("[[rule]]", alert["allow"])
        self.assertIn("4444", alert["message"])
        # The alert goes first, the page is made a moment later.
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_unexpected_listeners") == 1, "it is counted")

    def test_the_lines_of_an_alert_make_it_expected(self):
        daemon = self.start()
        self.open_by_other_program(4444)
        self.write_policy(daemon.wait_alert(event="listener-opened", port=4444)["allow"] + "\n")
        daemon.reload()
        harness.wait_until(lambda: daemon.listeners(port=4444, verdict="expected"), "port 4444 is expected")

    def test_a_udp_port_that_opens_is_told(self):
        daemon = self.start()
        self.open_socket("udp", "10.1.2.3", 4445)
        alert = daemon.wait_alert(event="listener-opened", port=4445)
        self.assertEqual((alert["protocol"], alert["address"], alert["scope"]), ("udp", "10.1.2.3", "private"))

    def test_a_close_is_told_after_the_restart_grace_and_not_before(self):
        daemon = self.start()
        opened = self.open_socket("tcp", "0.0.0.0", 4446)
        daemon.wait_alert(event="listener-opened", port=4446)
        opened.close()
        closed = time.monotonic()
        alert = daemon.wait_alert(event="listener-closed", port=4446)
        self.assertGreater(alert["heard"] - closed, 0.4)

    def test_the_close_of_an_expected_listener_is_no_alert(self):
        expected = self.open_socket("tcp", "0.0.0.0", 4447)
        daemon = self.start()
        expected.close()
        harness.wait_until(lambda: not daemon.listeners(port=4447), "port 4447 is gone")
        self.assertEqual(daemon.alerts(port=4447), [])

    def test_another_program_in_a_listener_s_place_is_told(self):
        mine = self.open_socket("tcp", "0.0.0.0", 4448)
        daemon = self.start()
        mine.close()
        nc = self.open_by_other_program(4448)
        alert = daemon.wait_alert(event="owner-changed", port=4448)
        self.assertEqual((alert["comm"], alert["pid"]), ("nc", nc.pid))

    def test_twenty_restarts_of_one_program_are_no_alert(self):
        self.configure(restart_grace="5s")
        nc = self.open_by_other_program(4449, "-k")
        daemon = self.start()
        for _ in range(20):
            nc.kill()
            nc.wait()
            nc = self.open_by_other_program(4449, "-k")
            daemon.wait_polls(2)
        self.assertEqual(daemon.alerts(port=4449), [])
        self.assertEqual([listener["pid"] for listener in daemon.listeners(port=4449)], [nc.pid])

    def test_a_required_listener_that_is_gone_is_told(self):
        self.write_policy('[[rule]]\nname = "mine"\naction = "expect"\nport = 4450\nrequired = true\n')
        required = self.open_socket("tcp", "0.0.0.0", 4450)
        daemon = self.start()
        required.close()
        self.assertEqual(daemon.wait_alert(event="listener-missing")["rule"], "mine")
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_missing_listeners", rule="mine") == 1,
                           "the page that is published after the alert")

    def test_an_ignored_listener_is_no_alert(self):
        self.write_policy('[[rule]]\nname = "noise"\naction = "ignore"\nport = "4460-4469"\n')
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 4461)
        harness.wait_until(lambda: daemon.listeners(port=4461, verdict="ignored"), "port 4461 is seen")
        self.assertEqual(daemon.alerts(port=4461), [])

    def test_its_own_port_is_expected(self):
        self.configure(first_run="strict")
        daemon = self.start()
        daemon.wait_polls(2)
        self.assertEqual(daemon.alerts(port=harness.METRICS_PORT), [])


if __name__ == "__main__":
    harness.main()
