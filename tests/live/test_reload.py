#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""SIGHUP takes a valid configuration whole, and an invalid one not at all."""
import harness

RULE = '[[rule]]\nname = "mine"\naction = "expect"\nprotocol = "tcp"\nport = 5555\n'


class Reload(harness.LiveTest):
    def start_with_an_unexpected_listener(self):
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 5555)
        daemon.wait_alert(event="listener-opened", port=5555)
        return daemon

    def wait_reload_metric(self, daemon, value):
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_config_last_reload_successful") == value,
                           f"sockwatch_config_last_reload_successful is {value}")

    def test_a_new_rule_makes_an_unexpected_listener_expected(self):
        daemon = self.start_with_an_unexpected_listener()
        self.write_policy(RULE)
        daemon.reload()
        harness.wait_until(lambda: daemon.listeners(port=5555, verdict="expected", rule="mine"), "the rule decides")
        page = daemon.metrics()
        self.assertEqual(page.value("sockwatch_unexpected_listeners"), 0)
        self.assertEqual(page.value("sockwatch_config_last_reload_successful"), 1)

    def test_a_rule_that_is_taken_away_makes_its_listener_unexpected(self):
        self.write_policy(RULE)
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 5555)
        harness.wait_until(lambda: daemon.listeners(port=5555, verdict="expected"), "the rule decides")
        self.write_policy("")
        daemon.reload()
        daemon.wait_alert(port=5555, verdict="unexpected")

    def test_a_broken_file_keeps_the_old_configuration_and_is_told_by_its_line(self):
        self.write_policy(RULE)
        daemon = self.start()
        self.open_socket("tcp", "0.0.0.0", 5555)
        harness.wait_until(lambda: daemon.listeners(port=5555, verdict="expected"), "the rule decides")
        self.write_policy(RULE.replace("5555", "70000"))
        daemon.reload()
        self.wait_reload_metric(daemon, 0)
        daemon.wait_polls(2)
        self.assertTrue(daemon.listeners(port=5555, verdict="expected"))
        self.assertRegex(daemon.stderr, r"50-test\.toml:5:\d+: .*70000")
        self.write_policy(RULE)
        daemon.reload()
        self.wait_reload_metric(daemon, 1)


if __name__ == "__main__":
    harness.main()
