#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""`sockwatch test` and `sockwatch check --replay`: what a repository with a policy in it would run."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOCKWATCH = os.environ.get("SOCKWATCH", "sockwatch")
HERE = pathlib.Path(__file__).parent
RECORDING = HERE.parent / "fixtures" / "netlink" / "mixed.swcap"

RULE = '[[rule]]\nname = "web"\naction = "expect"\nport = 80\n'
SOCKET = '[[socket]]\nname = "web"\nprotocol = "tcp"\naddress = "::"\nport = 80\nverdict = "expected"\n'


class PolicyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sockwatch-policy-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.policy = self.folder / "policy"
        self.policy.mkdir()
        self.config = self.write("sockwatch.toml", "")

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def run_tool(self, *arguments):
        """(exit code, standard output, standard error)"""
        done = subprocess.run([SOCKWATCH, *arguments, "--config", self.config, "--policy", str(self.policy)],
                              capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr


class Test(PolicyTest):
    def test_what_is_as_written_is_a_sum(self):
        self.write("policy/a.toml", RULE)
        self.assertEqual(self.run_tool("test", self.write("t.toml", SOCKET), self.write("u.toml", SOCKET)),
                         (0, "2 sockets: 2 expected\n", ""))

    def test_what_is_not_is_a_difference(self):
        code, output, _ = self.run_tool("test", self.write("t.toml", SOCKET))
        self.assertEqual(code, 1)
        self.assertIn('t.toml:1:1: "web" [::]:80/tcp\n-  verdict = "expected"\n+  verdict = "unexpected"', output)
        self.assertIn("NOT as written: 1 socket\n", output)

    def test_mistakes_in_every_file_are_told_at_once(self):
        first = self.write("t.toml", SOCKET.replace("80", "70000"))
        second = self.write("u.toml", "[[sockt]]\n")
        third = self.write("v.toml", "")
        code, output, complaints = self.run_tool("test", first, second, third, "/no/such/file")
        self.assertEqual((code, output), (2, ""))
        for place in (f"{first}:5:8: port = 70000 is out of range", f'{second}:1:3: unknown key "sockt"',
                      f"{third}: holds no socket", "/no/such/file: cannot be read"):
            self.assertIn(place, complaints)

    def test_a_policy_with_a_mistake_is_told(self):
        self.write("policy/a.toml", RULE.replace("80", '"nobody knows"'))
        code, _, complaints = self.run_tool("test", self.write("t.toml", SOCKET))
        self.assertEqual(code, 2)
        self.assertIn("policy/a.toml:4:8: port = ", complaints)

    def test_a_policy_that_is_not_there_is_told(self):
        self.policy.rmdir()
        code, _, complaints = self.run_tool("test", self.write("t.toml", SOCKET))
        self.assertEqual((code, complaints), (2, f"{self.policy}: cannot be read: No such file or directory\n"))


class Benign(PolicyTest):
    """The ordinary listeners, and what the built-in rules alone make of them."""

    def test_the_verdicts_are_those_of_the_file_and_their_number_that_of_the_documentation(self):
        code, output, complaints = self.run_tool("test", str(HERE / "benign.toml"))
        self.assertEqual((code, complaints), (0, ""), output)
        counts = re.fullmatch(r"(\d+) sockets: (\d+) expected, (\d+) unexpected, (\d+) ignored\n", output)
        self.assertGreaterEqual(int(counts[1]), 100)
        said = (f"the {counts[1]} ordinary listeners of desktops and servers in `tests/policy/benign.toml` they alone "
                f"expect {counts[2]}, ignore {counts[4]} and leave {counts[3]} unexpected.")
        page = (HERE.parents[1] / "docs" / "policy.md").read_text("utf-8")
        self.assertIn(said, " ".join(page.split()))


class Replay(PolicyTest):
    def replay(self, *arguments):
        return self.run_tool("check", "--replay", str(RECORDING), *arguments)

    def test_alerts_that_would_have_been_told_are_findings(self):
        code, output, _ = self.replay("--strict")
        self.assertEqual(code, 1)
        self.assertRegex(output, r"\n\S+Z +listener-opened +127\.0\.0\.1:8001/tcp +default\n")
        code, output, _ = self.replay("--strict", "--json")
        alerts = json.loads(output)["alerts"]
        self.assertIn(("listener-opened", 8001, "default"),
                      [(alert["event"], alert.get("port"), alert["rule"]) for alert in alerts])

    def test_a_policy_that_expects_them_leads_to_none(self):
        self.write("policy/a.toml", '[[rule]]\nname = "all"\naction = "expect"\n')
        self.assertEqual(self.replay("--strict")[:2], (0, "Alerts about something wrong: 0 of 0.\n"))

    def test_the_first_look_is_learned_where_the_configuration_says_so(self):
        code, output, _ = self.replay()
        self.assertEqual(code, 0)
        self.assertIn("baseline-learned", output)

    def test_what_is_no_recording_is_told(self):
        code, _, complaints = self.run_tool("check", "--replay", self.config)
        self.assertEqual(code, 2)
        self.assertIn("sockwatch.toml", complaints)


if __name__ == "__main__":
    unittest.main(verbosity=2)
