#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""sockwatchd as somebody meets it who starts it by hand: exit codes, and one clear line for every mistake."""
import pathlib
import tempfile

import golden
from golden import CASES, SOCKWATCHD, recording, run

STRICT = CASES / "strict" / "sockwatch.toml"


class Program(golden.GoldenTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.config = self.folder / "sockwatch.toml"

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def check(self, code, *arguments):
        """Standard output, and the lines of standard error without the folder's path."""
        done = run(SOCKWATCHD, *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr.replace(f"{self.folder}/", "").splitlines()

    def test_a_valid_configuration_is_passed_over_in_silence(self):
        self.assertEqual(self.check(0, "--check-config", "--config", CASES / "rules" / "sockwatch.toml"), ("", []))

    def test_every_mistake_is_a_line_with_its_place(self):
        self.write("sockwatch.toml", "[watch]\nlisteners = 5\nnamespace = 'all'\n")
        self.write("conf.d/10.toml", "[policy]\ndefault = 'panic'\n")
        out, lines = self.check(78, "--check-config", "--config", self.config)
        self.assertEqual(out, "")
        self.assertEqual([line.split(": ")[0] for line in lines],
                         ["sockwatch.toml:2:13", "sockwatch.toml:3:1", "conf.d/10.toml:2:11"])
        for line in lines:
            self.assertRegex(line, "expected|did you mean")

    def test_mistakes_in_the_policy_end_every_way_to_run(self):
        self.write("sockwatch.toml", "")
        self.write("policy.d/50.toml", "[[rule]]\nname = 'web'\naction = 'expect'\nport = 70000\n")
        for arguments in (["--check-config"], ["--print-config"], ["--once"], [],
                          ["--replay", recording("mixed.swcap")]):
            out, lines = self.check(78, "--config", self.config, *arguments)
            self.assertEqual(out, "")
            self.assertEqual(len(lines), 1)
            self.assertTrue(lines[0].startswith("policy.d/50.toml:4:8: "), lines)

    def test_a_configuration_that_was_named_must_exist(self):
        _, lines = self.check(78, "--config", self.config)
        self.assertEqual(lines, ["sockwatch.toml: cannot be read: No such file or directory"])

    def test_what_is_printed_is_a_configuration_of_equal_values(self):
        self.write("sockwatch.toml", "[watch]\nlisteners = '1s'\n[policy]\ndefault = 'ignore'\n")
        printed, lines = self.check(0, "--print-config", "--config", self.config)
        self.assertEqual(lines, [])
        self.assertIn(f"# {self.config}:2\n", printed)
        self.write("again.toml", printed)
        again, _ = self.check(0, "--print-config", "--config", self.folder / "again.toml")
        self.assertEqual([line.split("#")[0] for line in again.splitlines()],
                         [line.split("#")[0] for line in printed.splitlines()])

    def test_wrong_usage_ends_with_2(self):
        out, lines = self.check(2, "--no-such-option")
        self.assertEqual(out, "")
        self.assertIn("--no-such-option", lines[0])

    def test_a_recording_that_is_not_there_or_none_ends_with_1(self):
        self.write("note", "a shopping list")
        for name, words in (("missing", "No such file"), ("note", "neither a sockwatch capture")):
            out, lines = self.check(1, "--config", STRICT, "--replay", self.folder / name)
            self.assertEqual(out, "")
            self.assertEqual(len(lines), 1)
            self.assertIn(words, lines[0])

    def test_a_recording_cut_short_is_replayed_as_far_as_it_goes_or_refused_and_told(self):
        whole = recording("mixed.swcap").read_bytes()
        for length in range(0, len(whole), 499):
            (self.folder / "cut").write_bytes(whole[:length])
            done = run(SOCKWATCHD, "--config", STRICT, "--replay", self.folder / "cut")
            refused = done.returncode == 1 and done.stdout == "" and len(done.stderr.splitlines()) == 1
            told = done.returncode == 0 and "is cut short" in done.stderr
            self.assertTrue(refused or told, f"{length} bytes: {done.returncode} {done.stderr}")

    def test_output_that_nobody_takes_ends_with_1(self):
        for arguments in (["--replay", recording("mixed.swcap")], ["--print-config"]):
            with open("/dev/full", "w") as full:
                done = run(SOCKWATCHD, "--config", STRICT, *arguments, stdout=full)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertRegex(done.stderr.splitlines()[-1], "^write .*: No space left on device$")


if __name__ == "__main__":
    golden.main()
