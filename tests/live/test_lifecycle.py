#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping, and what stands in the way of a start."""
import re
import time

import harness


class Lifecycle(harness.LiveTest):
    def refused(self, *arguments):
        """The one line that a daemon says that does not start, and its exit code."""
        daemon = self.launch(*arguments)
        code = daemon.wait_exit()
        self.assertEqual(len(daemon.lines), 1, daemon.stderr)
        return daemon.stderr, code

    def test_sigterm_ends_it_in_order_and_in_less_than_a_second(self):
        daemon = self.start()
        began = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(time.monotonic() - began, 1 * harness.PATIENCE)

    def test_a_port_in_use_is_one_line_that_names_it(self):
        self.open_socket("tcp", "127.0.0.1", harness.METRICS_PORT)
        line, code = self.refused()
        self.assertIn(f"127.0.0.1:{harness.METRICS_PORT}", line)
        self.assertGreater(code, 0)

    def test_an_address_that_is_none_is_one_line_that_names_it(self):
        for address in ("127.0.0.1:70000", "localhost.invalid", "10.99.99.99:10762"):
            with self.subTest(address=address):
                line, code = self.refused("--web.listen-address", address)
                self.assertIn(address, line)
                self.assertGreater(code, 0)

    def test_another_address_is_taken_from_the_command_line(self):
        daemon = self.launch("--web.listen-address", "127.0.0.1:10799")
        with self.net:
            harness.wait_until(lambda: harness.is_listening(10799), "the other port is open")
            self.assertFalse(harness.is_listening(harness.METRICS_PORT))
        self.assertEqual(daemon.stop(), 0)

    def test_a_mistake_in_the_configuration_ends_it_with_78_and_the_place(self):
        self.config.write_text('[watch]\nlisteners = "often"\n')
        line, code = self.refused()
        self.assertRegex(line, re.escape(str(self.config)) + r":2:\d+: ")
        self.assertEqual(code, 78)

    def test_a_named_configuration_that_does_not_exist_is_an_error(self):
        self.config.unlink()
        line, code = self.refused()
        self.assertIn(str(self.config), line)
        self.assertEqual(code, 78)

    def test_check_config_says_nothing_about_a_valid_one(self):
        checked = self.run_program(harness.SOCKWATCHD, "--config", str(self.config), "--check-config")
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_check_config_tells_the_place_of_a_mistake(self):
        self.write_policy('[[rule]]\nname = "x"\naction = "allow"\n')
        checked = self.run_program(harness.SOCKWATCHD, "--config", str(self.config), "--check-config")
        self.assertEqual(checked.returncode, 78)
        self.assertRegex(checked.stdout + checked.stderr, r"50-test\.toml:3:\d+: .*allow.*expect")

    def test_once_prints_the_page_and_the_alerts_and_ends(self):
        self.configure(first_run="strict")
        self.open_socket("tcp", "10.1.2.3", 4444)
        once = self.run_program(harness.SOCKWATCHD, *self.arguments("--once"))
        self.assertEqual(once.returncode, 0, once.stderr)
        self.assertEqual(harness.Metrics(once.stdout).value("sockwatch_listener_info", port="4444"), 1)
        self.assertIn('"port":4444', once.stderr.replace(" ", ""))


if __name__ == "__main__":
    harness.main()
