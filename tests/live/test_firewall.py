#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""From where a listener can really be reached: what sockwatch says of the rules against what the kernel does with
packets. FIREWALL_ROUNDS=N tries so many random rulesets, FIREWALL_SEED=N begins with that one."""
import collections
import itertools
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import firewall_world
import harness
import random_rules

ROUNDS = int(os.environ.get("FIREWALL_ROUNDS", "12"))
SEED = int(os.environ.get("FIREWALL_SEED", random.randrange(1 << 30)))
PROBES = 240
RULESETS = pathlib.Path(__file__).parent / "rulesets"
REFUSED = re.compile(r"^/dev/stdin:(\d+):", re.MULTILINE)


def load_random(world, rules):
    """Loads what nft accepts of the rules; the lines that are in force."""
    lines = rules.ruleset()
    for _ in range(80):
        complaint = world.load("flush ruleset\n" + "\n".join(lines) + "\n")
        if not complaint:
            return lines
        refused = {int(number) - 2 for number in REFUSED.findall(complaint)}
        # Of a structure nothing can be left out: then it is another ruleset.
        if not refused or any(not 0 <= at < len(lines) or lines[at].rstrip().endswith(("{", "}")) and
                              "vmap" not in lines[at] and "{ " not in lines[at] for at in refused):
            return None
        lines = [line for at, line in enumerate(lines) if at not in refused]
    return None


def random_probes(rng, count):
    sources = [(name, source) for name, all_of in firewall_world.SOURCES.items() for source in all_of]
    probes = []
    while len(probes) < count:
        interface, source = rng.choice(sources)
        # To the address of the interface that the answer will be routed by.
        address = next(each for each in firewall_world.ADDRESSES[interface] if (":" in each) == (":" in source))
        port = rng.choice(firewall_world.LISTENING + random_rules.FREE_PORTS)
        probes.append((interface, (rng.choice(("tcp", "udp")), source, address, port)))
    return probes


class FirewallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if subprocess.run(["nft", "list", "ruleset"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("no nft, or a kernel without nf_tables")
        cls.world = firewall_world.World()
        cls.addClassCleanup(cls.world.close)
        cls.folder = tempfile.mkdtemp(prefix="sockwatch-firewall-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        pathlib.Path(cls.folder, "none.toml").touch()

    def compare(self, probes, counts):
        """Probes that go otherwise than predicted."""
        rows = {place: firewall_world.Prediction(row) for place, row in self.world.predict(self.folder).items()}
        expected = []
        for interface, (protocol, source, address, port) in probes:
            row = rows.get((protocol, address, port)) or rows.get(
                (protocol, "::" if ":" in address else "0.0.0.0", port))
            expected.append(row.of(interface, source) if row else False)
        counts["probes"] += len(probes)
        counts["certain"] += sum(each is not None for each in expected)
        counts["reached"] += sum(each is True for each in expected)
        reached = self.world.probe([probe for _, probe in probes], 0.25 * harness.PATIENCE)
        doubtful = [number for number, each in enumerate(expected) if each is not None and each != reached[number]]
        # A slow machine may answer late: each is asked again, and given its time.
        if doubtful:
            again = self.world.probe([probes[number][1] for number in doubtful], 2.5 * harness.PATIENCE)
            doubtful = [number for number, now in zip(doubtful, again) if now != expected[number]]
        return [(probes[number], expected[number]) for number in doubtful]



class Differential(FirewallTest):
    def test_random_rulesets_do_what_is_said_of_them(self):
        counts = collections.Counter()
        seeds = itertools.count(SEED)
        while counts["rulesets"] < ROUNDS:
            seed = next(seeds)
            rng = random.Random(seed)
            lines = load_random(self.world, random_rules.Rules(rng))
            if lines is None:
                counts["refused"] += 1
                self.assertLess(counts["refused"], 20 * ROUNDS)
                continue
            counts["rulesets"] += 1
            wrong = self.compare(random_probes(rng, PROBES), counts)
            self.assertEqual(wrong, [], f"\nFIREWALL_SEED={seed}\n" + "\n".join(lines))
        print(f"from FIREWALL_SEED={SEED}: {dict(counts)}", file=sys.stderr)
        self.assertGreater(counts["certain"], counts["probes"] / 2)


class RealRulesets(FirewallTest):
    """Rules as the tools of a Debian 12 made them, loaded by iptables-nft."""

    def setUp(self):
        if shutil.which("iptables-nft-restore") is None:
            self.skipTest("no iptables-nft-restore")
        self.assertEqual(self.world.load("flush ruleset\n"), "")

    def load(self, name):
        for version, tool in (("4", "iptables-nft-restore"), ("6", "ip6tables-nft-restore")):
            path = RULESETS / f"{name}.v{version}"
            if path.exists():
                self.assertEqual(self.world.load(path.read_text("ascii"), tool, "--noflush"), "")

    def reach(self):
        """{(protocol, address, port): word}"""
        self.rows = self.world.predict(self.folder)
        return {place: row["reach"] for place, row in self.rows.items()}

    def agrees_with_the_kernel(self):
        counts = collections.Counter()
        self.assertEqual(self.compare(random_probes(random.Random(1), PROBES), counts), [])
        self.assertGreaterEqual(counts["certain"], 0.95 * counts["probes"])

    def test_ufw(self):
        self.load("ufw")
        reach = self.reach()
        expected = {22: "open", 80: "filtered", 443: "filtered", 5432: "limited", 8080: "filtered", 9000: "open"}
        for port, word in expected.items():
            self.assertEqual(reach["tcp", "198.51.100.1", port], word, port)
        for port, word in {22: "open", 80: "filtered", 5432: "filtered"}.items():
            self.assertEqual(reach["tcp", "2001:db8:1::1", port], word, port)
        ways = {way["interface"]: way["sources"] for way in self.rows["tcp", "198.51.100.1", 5432]["reach_from"]}
        self.assertEqual(ways["wan"], ["10.0.0.0/8"])
        self.assertEqual({way["interface"] for way in self.rows["tcp", "198.51.100.1", 9000]["reach_from"]}, {"lan"})
        self.agrees_with_the_kernel()

    def test_docker_publishes_what_ufw_denies(self):
        self.load("ufw")
        self.load("docker")
        reach = self.reach()
        self.assertEqual(reach["tcp", "0.0.0.0", 7000], "open")
        row = self.rows["tcp", "0.0.0.0", 7000]
        self.assertEqual(row["published_to"], ["172.30.0.2:80"])
        self.assertIn("ip nat, chain DOCKER, handle", row["reach_decided_by"][0])
        # Published at 127.0.0.1 alone: nobody outside gets there.
        self.assertFalse([place for place in reach if place[2] == 7001])
        self.agrees_with_the_kernel()

    def test_with_docker_user_closed_it_is_filtered(self):
        self.load("ufw")
        self.load("docker")
        self.assertEqual(self.world.load("", "iptables-nft", "-I", "DOCKER-USER", "-i", "wan", "-j", "DROP"), "")
        self.assertEqual(self.world.load("", "iptables-nft", "-I", "DOCKER-USER", "-i", "lan", "-j", "DROP"), "")
        self.assertEqual(self.reach()["tcp", "0.0.0.0", 7000], "filtered")
        self.agrees_with_the_kernel()

    def test_a_flush_opens_all(self):
        self.load("ufw")
        self.assertEqual(self.world.load("flush ruleset\n"), "")
        self.assertEqual({word for (_, address, _), word in self.reach().items() if address == "198.51.100.1"}, {"open"})
        self.agrees_with_the_kernel()


if __name__ == "__main__":
    harness.main()
