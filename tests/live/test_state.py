#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What a daemon knows outlives it."""
import harness


class State(harness.LiveTest):
    def test_what_is_open_at_the_very_first_start_is_expected_and_listed_once(self):
        self.open_socket("tcp", "0.0.0.0", 6000)
        daemon = self.start()
        self.assertIn("6000", daemon.wait_alert(event="baseline-learned")["message"])
        self.assertTrue(daemon.listeners(port=6000, verdict="expected"))
        daemon.stop()
        again = self.start()
        again.wait_polls(2)
        self.assertTrue(again.listeners(port=6000, verdict="expected"))
        self.assertEqual(again.alerts(), [])

    def test_strict_alerts_about_what_is_open_at_the_first_start(self):
        self.configure(first_run="strict")
        self.open_socket("tcp", "0.0.0.0", 6001)
        self.start().wait_alert(event="listener-opened", port=6001)

    def test_a_restart_repeats_no_alert_and_tells_what_opened_meanwhile(self):
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 6002)
        daemon.wait_alert(event="listener-opened", port=6002)
        daemon.stop()
        self.open_socket("tcp", "0.0.0.0", 6003)
        again = self.start()
        again.wait_alert(event="listener-opened", port=6003)
        again.wait_polls(2)
        self.assertEqual(again.alerts(port=6002), [])
        self.assertEqual(again.metrics().value("sockwatch_unexpected_listeners"), 2)

    def test_a_kill_loses_nothing_either(self):
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 6004)
        daemon.wait_alert(event="listener-opened", port=6004)
        daemon.wait_polls(2)
        daemon.process.kill()
        daemon.wait_exit()
        again = self.start()
        again.wait_polls(2)
        self.assertEqual(again.alerts(port=6004), [])

    def test_what_closed_meanwhile_is_told(self):
        daemon = self.start()
        gone = self.open_socket("tcp", "0.0.0.0", 6005)
        daemon.wait_alert(event="listener-opened", port=6005)
        daemon.stop()
        gone.close()
        self.start().wait_alert(event="listener-closed", port=6005)

    def test_a_corrupt_state_file_is_set_aside_with_an_alert_and_blesses_nothing(self):
        self.open_socket("tcp", "0.0.0.0", 6006)
        self.start().stop()
        file = self.state / "state.json"
        for number, damage in enumerate((file.read_bytes()[:-20], b"", b"\xff\x00", b'{"version": 999}')):
            with self.subTest(damage=damage):
                file.write_bytes(damage)
                daemon = self.start()
                self.assertEqual(len([line for line in daemon.log if "state.json" in line]), 1, daemon.stderr)
                self.assertTrue((self.state / "state.json.corrupt").exists())
                self.assertIn("state.json", daemon.wait_alert(event="monitor-degraded")["message"])
                daemon.wait_alert(event="listener-opened", port=6006)
                self.assertTrue(daemon.listeners(port=6006, verdict="unexpected"), number)
                self.assertEqual(daemon.alerts(event="baseline-learned"), [])
                daemon.reload()
                daemon.wait_alert(event="monitor-recovered")
                self.assertEqual(daemon.stop(), 0)

    def test_once_blesses_nothing_either_when_the_state_cannot_be_read(self):
        self.open_socket("tcp", "0.0.0.0", 6008)
        (self.state / "state.json").write_text("nonsense")
        told = self.run_program(harness.SOCKWATCHD, "--once", *self.arguments())
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn('"event":"listener-opened"', told.stderr)
        self.assertNotIn("baseline-learned", told.stderr)
        self.assertEqual((self.state / "state.json").read_text(), "nonsense", "only looked at")

    def test_a_state_directory_that_cannot_be_written_is_told_and_alerts_go_on(self):
        self.state.rmdir()
        self.state.write_text("a file where the directory should be")
        daemon = self.start()
        self.assertTrue(any(str(self.state) in line for line in daemon.log), daemon.stderr)
        self.open_socket("tcp", "0.0.0.0", 6007)
        daemon.wait_alert(event="listener-opened", port=6007)


if __name__ == "__main__":
    harness.main()
