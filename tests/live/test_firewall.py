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


class Differential(unittest.TestCase):
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


if __name__ == "__main__":
    harness.main()
