#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The whole daemon, and the tool, over what kernels have said: the same metrics, alerts and lists as ever.

    test_golden.py [--update] [Golden.test_…]
"""
import json

import golden
from golden import CASES, SOCKWATCH, SOCKWATCHD, normalised, pretty, recording, run, small, small_alerts


class Golden(golden.GoldenTest):
    def replay(self, case, capture, *options):
        """Standard output and standard error of the daemon, with the case's configuration."""
        done = run(SOCKWATCHD, "--config", CASES / case / "sockwatch.toml", "--replay", recording(capture), *options)
        self.assert_fine(done)
        return done.stdout, done.stderr

    def check(self, case, capture, *options, name=None):
        page, alerts = self.replay(case, capture, *options)
        for line in alerts.splitlines():
            self.assertIn("message", json.loads(line), line)
        name = name or case
        self.assert_golden(CASES / case / f"{name}.metrics", small(normalised(page)))
        self.assert_golden(CASES / case / f"{name}.alerts", small_alerts(alerts))

    def test_without_a_rule_everything_is_unexpected(self):
        self.check("strict", "mixed.swcap", "--once")

    def test_rules_expect_ignore_alert_and_require(self):
        self.check("rules", "mixed.swcap", "--once")

    def test_a_first_run_learns_what_no_rule_names(self):
        self.check("learn", "mixed.swcap", "--once")

    def test_a_file_of_ss_shows_its_tcp_sockets(self):
        self.check("strict", "ss-dump.bin", "--once", name="ss")

    def test_a_kernel_that_refuses_everything_is_told(self):
        self.check("strict", "refusals.swcap", name="refusals")

    def test_listeners_open_close_come_back_and_are_missed(self):
        self.check("coming-and-going", "coming-and-going.swcap")

    def test_once_is_the_first_look_of_each_kind(self):
        self.check("coming-and-going", "coming-and-going.swcap", "--once", name="once")

    def test_a_second_replay_tells_the_same(self):
        self.assertEqual(self.replay("coming-and-going", "coming-and-going.swcap"),
                         self.replay("coming-and-going", "coming-and-going.swcap"))

    def check_list(self, name, *options):
        done = run(SOCKWATCH, "list", "--config", CASES / "rules" / "sockwatch.toml", "--state-dir", "/nonexistent",
                   "--replay", recording("mixed.swcap"), "--json", *options)
        self.assert_fine(done)
        self.assert_golden(CASES / "rules" / f"{name}.json", pretty(done.stdout))

    def test_the_tool_lists_the_listeners_of_a_recording(self):
        self.check_list("list")

    def test_the_tool_lists_the_connections_of_a_recording(self):
        self.check_list("connected", "--connected")


if __name__ == "__main__":
    golden.main()
