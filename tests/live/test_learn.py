#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A policy from what is open: what learn writes, the daemon and check must accept, and be quiet about."""
import contextlib
import re
import signal
import socket
import subprocess
import tomllib

import harness


class Learn(harness.LiveTest):
    def learn(self, *arguments):
        return self.run_program(harness.SOCKWATCH, "learn", *self.arguments(*arguments))

    def check(self, *more):
        return self.run_program(harness.SOCKWATCH, "check", "--now", *self.arguments(*more))

    def open_a_few(self):
        for address, port in [("0.0.0.0", 8000), ("::", 8001), ("10.1.2.3", 8002), ("192.88.99.5", 8003),
                              ("fe80::1%1", 8004), ("127.0.0.1", 8005), ("0.0.0.0", 0), ("127.0.0.1", 0)]:
            self.open_socket("tcp", address, port)
            self.open_socket("udp", address, port)

    def test_what_it_writes_leaves_nothing_unexpected(self):
        self.open_a_few()
        (self.folder / "policy.d").mkdir()
        file = self.folder / "policy.d" / "50-learned.toml"
        self.assertEqual(self.check().returncode, 1, "before")
        learned = self.learn("--output", str(file))
        self.assertEqual(learned.returncode, 0, learned.stderr)
        self.assertEqual(learned.stdout, "")
        self.assertIn("bound to a public address", learned.stderr)
        checked = self.check()
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), checked.stdout)
        self.configure(first_run="strict")
        daemon = self.start()
        daemon.wait_polls()
        self.assertEqual(daemon.alerts(), [])

    def test_a_file_that_is_there_is_never_overwritten(self):
        file = self.folder / "mine.toml"
        file.write_text("# mine\n")
        refused = self.learn("--output", str(file))
        self.assertEqual((refused.returncode, file.read_text()), (2, "# mine\n"), refused.stderr)
        self.assertIn("is there already", refused.stderr)

    def test_an_update_keeps_every_line_and_tells_what_is_gone(self):
        mine = ('# my own words\n[[rule]]  # and order\nname = "mine"\naction = "expect"\nport = 8000\n\n'
                '[[rule]]\nname = "gone"\naction = "expect"\nport = 9999')
        self.write_policy(mine)
        file = self.folder / "policy.d" / "50-test.toml"
        self.open_socket("tcp", "0.0.0.0", 8000)
        self.open_socket("tcp", "0.0.0.0", 8001)
        updated = self.learn("--update", str(file))
        self.assertEqual(updated.returncode, 0, updated.stderr)
        self.assertTrue(file.read_text().startswith(mine + "\n"), file.read_text())
        rules = tomllib.loads(file.read_text())["rule"]
        self.assertEqual([rule["port"] for rule in rules], [8000, 9999, 8001])
        self.assertIn('not seen: rule "gone", policy.d/50-test.toml:7', updated.stderr)
        before = file.stat().st_mtime_ns
        again = self.learn("--update", str(file))
        self.assertEqual((again.returncode, file.stat().st_mtime_ns), (0, before), again.stderr)

    def test_an_update_of_a_file_that_is_not_in_force_looks_for_what_its_rules_mean(self):
        file = self.folder / "elsewhere.toml"
        file.write_text("".join(f'[[rule]]\nname = "{name}"\naction = "expect"\npath = "@{name}"\n'
                                for name in ("mine", "gone")))
        self.open_socket("tcp", "0.0.0.0", 8000)
        with self.net, socket.socket(socket.AF_UNIX) as server:
            server.bind("\0mine")
            server.listen()
            updated = self.learn("--update", str(file))
        self.assertEqual(updated.returncode, 0, updated.stderr)
        self.assertEqual(re.findall('not seen: rule "(.*?)"', updated.stderr), ["gone"])
        self.assertEqual([rule.get("port") for rule in tomllib.loads(file.read_text())["rule"]], [None, None, 8000])

    def test_what_a_rule_alerts_about_is_told_and_left_out(self):
        self.write_policy('[[rule]]\nname = "never"\naction = "alert"\nport = 8000\n')
        self.open_socket("tcp", "0.0.0.0", 8000)
        learned = self.learn()
        self.assertNotIn("[[rule]]", learned.stdout)
        self.assertIn('not blessed: 0.0.0.0:8000/tcp: rule "never"', learned.stderr)

    def test_what_a_daemon_learned_counts_until_check_is_to_be_strict(self):
        self.open_socket("tcp", "0.0.0.0", 8000)
        self.start().wait_polls()
        harness.wait_until(lambda: (self.state / "state.json").exists(), "the daemon has saved what it learned")
        self.assertEqual(self.check().returncode, 0)
        self.assertEqual(self.check("--strict").returncode, 1)
        policy = self.folder / "next"
        policy.mkdir()
        self.assertEqual(self.learn("--output", str(policy / "a.toml")).returncode, 0)
        self.assertEqual(self.check("--strict", "--policy", str(policy)).returncode, 0)

    def test_watching_sees_what_comes_and_goes(self):
        with self.net:
            process = subprocess.Popen([harness.SOCKWATCH, "learn", *self.arguments("--for", "1h")], text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn("watching for 1h", process.stderr.readline())
        # Twice the time between two looks and more, so that one of them meets it.
        with contextlib.closing(self.open_socket("tcp", "0.0.0.0", 8123)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(3 * harness.PATIENCE)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3 * harness.PATIENCE)
        process.send_signal(signal.SIGINT)
        written = process.stdout.read()
        self.assertEqual(process.wait(20 * harness.PATIENCE), 0, process.stderr.read())
        self.assertIn("port = 8123", written)

    def test_mistakes_are_told(self):
        for arguments, said in [(["--for", "soon"], "expected a duration"),
                                (["--update", str(self.folder / "missing.toml")], "missing.toml: cannot be read"),
                                (["--output", str(self.folder / "no" / "folder.toml")], "No such file or directory"),
                                (["--output", "a", "--update", "b"], "excludes")]:
            answer = self.learn(*arguments)
            self.assertEqual(answer.returncode, 2, arguments)
            self.assertIn(said, answer.stderr)
        broken = self.folder / "broken.toml"
        broken.write_text('[[rule]]\nname = "x"\naction = "allow"\n')
        self.assertIn("broken.toml:3:10: action", self.learn("--update", str(broken)).stderr)


if __name__ == "__main__":
    harness.main()
