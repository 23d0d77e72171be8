#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What suggest writes, where it has to hold: systemd and nft accept it, and behind the input chain the expected
listeners are reached and the others are not."""
import json
import os
import pathlib
import random
import socket
import subprocess
import tempfile
import unittest

import harness

BENIGN = pathlib.Path(__file__).resolve().parents[1] / "policy" / "benign.toml"
EXPECT_ALL = '[[rule]]\nname = "all"\naction = "expect"\n'


def suggest(policy, *arguments):
    with tempfile.TemporaryDirectory(prefix="sockwatch-suggest-") as folder:
        pathlib.Path(folder, "sockwatch.toml").touch()
        pathlib.Path(folder, "policy.d").mkdir()
        pathlib.Path(folder, "policy.d", "a.toml").write_text(policy)
        done = subprocess.run([harness.SOCKWATCH, "suggest", *arguments, "--config", f"{folder}/sockwatch.toml"],
                              capture_output=True, text=True, check=True, timeout=60)
        return done.stdout


def verify(units):
    """What systemd-analyze says of {unit: drop-in}."""
    with tempfile.TemporaryDirectory(prefix="sockwatch-units-") as folder:
        for unit, drop_in in units.items():
            pathlib.Path(folder, unit).write_text("[Service]\nExecStart=/bin/true\n")
            pathlib.Path(folder, unit + ".d").mkdir()
            pathlib.Path(folder, unit + ".d", "50-sockwatch.conf").write_text(drop_in)
        done = subprocess.run(["systemd-analyze", "verify", *(f"{folder}/{unit}" for unit in units)],
                              capture_output=True, text=True, check=False, timeout=60)
        return [line for line in done.stderr.splitlines() if "50-sockwatch.conf" in line]


class Systemd(unittest.TestCase):
    def test_every_drop_in_of_ordinary_services_is_accepted(self):
        written = suggest(EXPECT_ALL, "systemd", "--sockets", str(BENIGN))
        parts = written.split("# /etc/systemd/system/")[1:]
        units = {part.split(".d/", 1)[0]: part.split("\n", 1)[1] for part in parts}
        self.assertGreater(len(units), 50)
        plain = {unit: text for unit, text in units.items() if "@" not in unit}
        self.assertEqual(verify(plain), [])

    def test_what_systemd_cannot_read_is_noticed_here(self):
        self.assertEqual(len(verify({"a.service": "[Service]\nSocketBindAllow=tcp:0\n"})), 1)


class Nftables(harness.LiveTest):
    OUTSIDE, INSIDE = "192.0.2.1", "192.0.2.2"

    def setUp(self):
        super().setUp()
        if self.nft("list ruleset\n").returncode != 0:
            self.skipTest("no nft, or a kernel without nf_tables")
        self.outside = harness.Namespace()
        self.addCleanup(self.outside.close)
        with self.net:
            self.run_ip("link", "add", "inner", "type", "veth", "peer", "name", "outer", "netns",
                        f"/proc/self/fd/{self.outside._fd}", pass_fds=[self.outside._fd])
            self.run_ip("address", "add", f"{self.INSIDE}/24", "dev", "inner")
            self.run_ip("address", "add", "2001:db8::2/64", "dev", "inner", "nodad")
            self.run_ip("link", "set", "inner", "up")
        with self.outside:
            self.run_ip("address", "add", f"{self.OUTSIDE}/24", "dev", "outer")
            self.run_ip("address", "add", "2001:db8::1/64", "dev", "outer", "nodad")
            self.run_ip("link", "set", "outer", "up")

    @staticmethod
    def run_ip(*arguments, **options):
        subprocess.run(["ip", *arguments], check=True, **options)

    def nft(self, script, *options):
        with self.net:
            return subprocess.run(["nft", *options, "-f", "-"], input=script, capture_output=True, text=True,
                                  check=False, timeout=60)

    def reaches(self, address, port, seconds=10):
        """From outside, over the wire; a SYN that got lost is sent again after 1 s and 3 s."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.outside:
            client = socket.socket(family, socket.SOCK_STREAM)
        with client:
            client.settimeout(seconds * harness.PATIENCE)
            try:
                client.connect((address, port))
            except TimeoutError:
                return False
            return True

    def test_the_chain_for_ordinary_listeners_is_accepted(self):
        script = suggest(EXPECT_ALL, "nftables", "--sockets", str(BENIGN))
        self.assertGreater(script.count(" accept\n"), 90)
        checked = self.nft(script, "-c")
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_behind_the_chain_the_expected_are_reached_and_the_others_are_not(self):
        self.write_policy('[[rule]]\nname = "web"\naction = "expect"\nport = [8000, 8001, 8003, 8004]\n')
        for address, port in [("0.0.0.0", 8000), ("::", 8001), ("0.0.0.0", 8002), (self.INSIDE, 8003),
                              ("2001:db8::2", 8004), ("::", 8005)]:
            self.open_socket("tcp", address, port)
        expected = [(self.INSIDE, 8000), (self.INSIDE, 8001), ("2001:db8::2", 8001), (self.INSIDE, 8003),
                    ("2001:db8::2", 8004)]
        others = [(self.INSIDE, 8002), (self.INSIDE, 8005), ("2001:db8::2", 8005)]
        for place in expected + others:
            self.assertTrue(self.reaches(*place), f"{place} before")
        suggested = self.run_program(harness.SOCKWATCH, "suggest", "nftables", *self.arguments())
        self.assertEqual(suggested.returncode, 0, suggested.stderr)
        loaded = self.nft(suggested.stdout)
        self.assertEqual((loaded.returncode, loaded.stderr), (0, ""), suggested.stdout)
        self.assertEqual([self.reaches(*place) for place in expected], [True] * len(expected), suggested.stdout)
        self.assertEqual([self.reaches(*place, seconds=2) for place in others], [False] * len(others), suggested.stdout)
        self.assertEqual(self.nft(suggested.stdout).returncode, 0, "it replaces itself")

    def test_behind_the_chain_of_a_random_policy_a_port_is_as_it_was_judged(self):
        """Rules in a random order about random ranges, some of them for one address: whatever the policy says of what
        is open, a peer on another host finds."""
        seed = int(os.environ.get("SOCKWATCH_TEST_SEED", random.SystemRandom().randrange(10**6)))
        print(f"seed {seed}")
        chance = random.Random(seed)
        ports = list(range(7000, 7012))
        rules = ""
        for number in range(8):
            first = chance.choice(ports)
            last = min(first + chance.choice([0, 0, 1, 3, 7]), ports[-1])
            place = chance.choice(["", "", f'address = "{self.INSIDE}"\n', 'address = "any"\n', 'address = "private"\n'])
            rules += (f'[[rule]]\nname = "r{number}"\naction = "{chance.choice(["expect", "expect", "alert", "ignore"])}"\n'
                      f'port = "{first}-{last}"\n{place}')
        self.write_policy(rules)
        where = {port: chance.choice(["0.0.0.0", "::", self.INSIDE]) for port in ports}
        for port, address in where.items():
            self.open_socket("tcp", address, port)
        listed = self.run_program(harness.SOCKWATCH, "list", "--json", *self.arguments())
        verdicts = {each["port"]: each["verdict"] for each in json.loads(listed.stdout)["sockets"]
                    if each.get("port") in where}
        suggested = self.run_program(harness.SOCKWATCH, "suggest", "nftables", *self.arguments())
        loaded = self.nft(suggested.stdout)
        self.assertEqual((loaded.returncode, loaded.stderr), (0, ""), suggested.stdout)
        for port in ports:
            expected = verdicts[port] == "expected"
            self.assertEqual(self.reaches(self.INSIDE, port, seconds=10 if expected else 1), expected,
                             f"seed {seed}, port {port} is {verdicts[port]} on {where[port]}:\n{rules}\n{suggested.stdout}")

    def test_what_only_this_machine_reaches_still_is_reached_by_it(self):
        self.open_socket("tcp", "127.0.0.1", 8000)
        self.write_policy('[[rule]]\nname = "web"\naction = "expect"\nport = 8000\n')
        suggested = self.run_program(harness.SOCKWATCH, "suggest", "nftables", *self.arguments())
        self.assertEqual(self.nft(suggested.stdout).returncode, 0)
        with self.net, socket.create_connection(("127.0.0.1", 8000), timeout=5 * harness.PATIENCE):
            pass


if __name__ == "__main__":
    harness.main()
