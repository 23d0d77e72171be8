#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""script/test-summary counts the cases of every test program, and nothing that failed or was skipped is lost."""
import pathlib
import subprocess
import tempfile
import unittest

import lint


def entry(name, status, output, inside=""):
    return f'<testcase name="{name}" status="{status}">{inside}<system-out>{output}</system-out></testcase>'


class Summary(unittest.TestCase):
    def summary(self, *entries, outcome="passed"):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "gcc.xml").write_text(f"<testsuite>{''.join(entries)}</testsuite>")
            done = subprocess.run([lint.REPOSITORY / "script/test-summary", folder, f"gcc|{outcome}|7"],
                                  capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def test_cases_of_googletest_are_counted_with_the_reason_of_each_skip(self):
        code, lines = self.summary(entry("a", "run", (
            "a_test.cpp:3: Skipped\nno IPv6\n[  PASSED  ] 11 tests.\n"
            "[  SKIPPED ] 1 test, listed below:\n[  SKIPPED ] A.b\n")))
        self.assertEqual((code, lines[-2:]), (0, ["  skipped  a: no IPv6", "11 passed, 0 failed, 1 skipped"]))

    def test_failed_cases_of_googletest_are_counted(self):
        code, lines = self.summary(entry("a", "fail", "[  PASSED  ] 3 tests.\n[  FAILED  ] 2 tests, listed below:\n"))
        self.assertEqual((code, lines[-2:]), (1, ["  failed   a", "3 passed, 2 failed, 0 skipped"]))

    def test_cases_of_unittest_are_counted(self):
        code, lines = self.summary(entry("a", "run", (
            "test_a (x) ... skipped 'no promtool'\nRan 5 tests in 0.1s\n\nOK (skipped=1)\n")))
        self.assertEqual((code, lines[-2:]), (0, ["  skipped  a: no promtool", "4 passed, 0 failed, 1 skipped"]))

    def test_any_other_program_is_one_case(self):
        self.assertEqual(self.summary(entry("a", "run", "fine"))[1][-1], "1 passed, 0 failed, 0 skipped")

    def test_a_program_that_crashed_has_failed_whatever_it_counted(self):
        code, lines = self.summary(entry("a", "fail", "[  PASSED  ] 3 tests.\nSegmentation fault\n"))
        self.assertEqual((code, lines[-1]), (1, "3 passed, 1 failed, 0 skipped"))

    def test_a_program_that_skipped_itself_says_why(self):
        skipped = '<skipped message="SKIP_RETURN_CODE=77"/>'
        self.assertEqual(self.summary(entry("a", "notrun", "needs root\n", skipped), entry("b", "run", ""))[1][-2:],
                         ["  skipped  a: needs root", "1 passed, 0 failed, 1 skipped"])

    def test_a_program_that_was_not_built_has_failed(self):
        missing = '<skipped message="Unable to find executable"/>'
        self.assertEqual(self.summary(entry("a", "notrun", "", missing))[1][-1], "0 passed, 1 failed, 0 skipped")

    def test_a_stage_that_did_not_build_has_failed(self):
        code, lines = self.summary(outcome="failed to build")
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))

    def test_nothing_that_ran_is_a_failure(self):
        self.assertEqual(self.summary()[0], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
