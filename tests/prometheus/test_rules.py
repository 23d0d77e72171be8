#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The rules for Prometheus: promtool accepts them, each alert is shown silent, firing and resolved, and each has a page
that says what to do."""
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = REPOSITORY / "packaging/prometheus"
RULES = sorted(PACKAGING.glob("**/rules/*.yml"))
TESTS = sorted(PACKAGING.glob("**/tests/*.yml"))
RUNBOOKS = REPOSITORY / "docs/runbooks"

CASE = re.compile(r"eval_time: \w+\n +alertname: (\w+)\n +exp_alerts:( \[\])?")


def alerts():
    """{name: text of its rule}"""
    text = "".join(path.read_text() for path in RULES)
    return dict(re.findall(r"- alert: (\w+)(\n.*?)(?=^ +- |\Z)", text, re.S | re.M))


class Rules(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_promtool_accepts_the_examples_and_the_rules(self):
        for example in PACKAGING.glob("**/prometheus*.yml"):
            self.promtool("check", "config", example)
        self.promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)

    def test_the_rules_say_what_their_tests_expect(self):
        self.promtool("test", "rules", *TESTS)

    def test_each_alert_is_tested_silent_firing_and_resolved(self):
        cases = CASE.findall("".join(path.read_text() for path in TESTS))
        for name in alerts():
            with self.subTest(alert=name):
                outcomes = ["silent" if empty else "firing" for alert, empty in cases if alert == name]
                self.assertTrue(outcomes, "has no test")
                self.assertEqual(outcomes, ["silent", "firing", "silent"] * (len(outcomes) // 3))

    def test_each_alert_says_how_grave_it_is_what_happened_and_where_to_read_on(self):
        for name, rule in alerts().items():
            with self.subTest(alert=name):
                self.assertTrue(name.startswith("Sockwatch"))
                self.assertRegex(rule, r"\n +severity: (critical|warning|info)\n")
                self.assertRegex(rule, r"\n +summary: [^{}]+\.\n")
                self.assertRegex(rule, r"\n +description: \S")
                self.assertRegex(rule, rf"\n +runbook_url: https://\S+/docs/runbooks/{name}\.md\n")

    def test_each_alert_has_a_page_and_each_page_an_alert(self):
        self.assertEqual(sorted(page.stem for page in RUNBOOKS.glob("*.md")), sorted(alerts()))


if __name__ == "__main__":
    if not shutil.which("promtool"):
        print("promtool is not installed")
        sys.exit(77)
    unittest.main(verbosity=2)
