#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What each event source of the daemon sees, loses and costs, and how soon it tells. Prints markdown tables. Needs root.

    events_bench.py SOCKWATCHD EVENT_STORM [--quick] [--only catch|tell|cost] [--rounds 15] [--check]

--quick leaves out what a busy machine cannot tell. --check exits with 1 where BPF missed a listener, or past twice a goal.
"""
import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import shared  # noqa: E402
from shared import harness  # noqa: E402

SOURCES = ["bpf", "perf", "destroy", "off"]
STORMS = {"TCP of 1 ms": ("tcp", 1000), "TCP of 0 ms": ("tcp", 0), "TCP of 0 ms, process gone": ("tcp-gone", 0),
          "UDP of 0 ms": ("udp", 0)}
CONFIG = """\
[watch]
namespaces = "host"
events = "{events}"
connections = "{connections}"
[policy]
restart_grace = "1s"
[alerts]
journal = false
"""
# A storm's alerts would be folded; it is the counters that are read. Port 10999 is the connections' server.
QUIET = """\
[[rule]]
name = "storm"
action = "ignore"
port = "11000-30999"
[[rule]]
name = "connections"
action = "expect"
port = 10999
"""
goals = shared.Goals()


class Bench:
    def __init__(self, sockwatchd, storm, quick, rounds):
        harness.SOCKWATCHD = sockwatchd
        self.storm_program = storm
        self.net = harness.Namespace()
        self.count = 1000 if quick else 10_000
        self.rounds = rounds
        self.sources = ["bpf", "off"] if quick else SOURCES
        self.catchers = ["bpf"] if quick else SOURCES
        self.alerts = 20 if quick else 100

    def start(self, events, folder, policy=QUIET, connections="10s"):
        (folder / "policy.d").mkdir()
        (folder / "policy.d" / "50-bench.toml").write_text(policy)
        (folder / "sockwatch.toml").write_text(CONFIG.format(events=events, connections=connections))
        daemon = harness.Daemon(self.net, "--config", str(folder / "sockwatch.toml"), "--state-dir", str(folder))
        harness.wait_until(lambda: daemon.process.poll() is not None or daemon.is_ready(), "the daemon is ready", 20)
        return daemon if daemon.process.poll() is None else None

    def storm(self, *words, on_cpu=None):
        command = [self.storm_program, *map(str, words)]
        with self.net:
            return subprocess.Popen(["taskset", "-c", str(on_cpu), *command] if on_cpu is not None else command,
                                    stdout=subprocess.PIPE, text=True)


def seen_and_lost(daemon):
    page = daemon.metrics()
    told = [page.value("sockwatch_listener_events_total", event=f"listener-{event}", verdict="ignored")
            for event in ("short-lived", "opened")]
    return sum(told), page.value("sockwatch_events_lost_total")


def settled(daemon):
    """(seen, lost) once they have not moved for three looks at the connections: UDP is told by those."""
    last, since = None, time.monotonic()
    while time.monotonic() - since < 3.5:
        time.sleep(0.3)
        now = seen_and_lost(daemon)
        if now != last:
            last, since = now, time.monotonic()
    return last


def catch(bench):
    print(f"### Caught\n\n{bench.count:,} sockets one after the other, while another process makes connections.\n")
    print("| storm | source | seen | lost | storm, s | daemon CPU, s |\n|---|---|---|---|---|---|")
    missed = {}
    for name, (deed, hold) in STORMS.items():
        for events in bench.catchers:
            with tempfile.TemporaryDirectory() as folder:
                daemon = bench.start(events, pathlib.Path(folder), connections="1s")
                if not daemon:
                    print(f"| {name} | {events} | does not run here | | | |")
                    continue
                before, began = shared.cpu_seconds(daemon.process.pid), time.monotonic()
                connections = bench.storm("connections", 3000)
                storm = bench.storm(deed, bench.count, hold)
                assert storm.wait() == 0, "the storm itself failed"
                took = time.monotonic() - began
                connections.wait()
                seen, lost = settled(daemon)
                used = shared.cpu_seconds(daemon.process.pid) - before
                daemon.stop()
            print(f"| {name} | {events} | {seen:.0f} | {lost:.0f} | {took:.1f} | {used:.2f} |", flush=True)
            if events == "bpf":
                missed[name] = bench.count - seen + lost
    goals.heading("Caught by BPF")
    for name, count in missed.items():
        goals.at_most(f"{name}, missed or lost", max(count, 0), 0)


def tell(bench):
    print(f"\n### Told\n\nFrom listen(2) to the line of JSON at the reader's end of the pipe, {bench.alerts} listeners 401 to "
          "802 ms apart: closer, a program's alerts are folded.\n")
    print("| source | median, ms | p99, ms | most, ms |\n|---|---|---|---|")
    told = {}
    for events in bench.sources:
        with tempfile.TemporaryDirectory() as folder:
            daemon = bench.start(events, pathlib.Path(folder), policy="")
            if not daemon:
                print(f"| {events} | does not run here | | |")
                continue
            with bench.storm("listen", bench.alerts, 401) as storm:
                opened = dict(map(int, line.split()) for line in storm.stdout)
            heard = {alert["port"]: alert["heard"] * 1e9 for alert in daemon.alerts(event="listener-opened", protocol="tcp")}
            daemon.stop()
        late = sorted((heard[port] - at) / 1e6 for port, at in opened.items() if port in heard)
        told[events] = (len(opened) - len(late), *statistics.quantiles(late, n=100)[49:99:49])
        print(f"| {events} | {told[events][1]:.1f} | {told[events][2]:.1f} | {late[-1]:.1f} |", flush=True)
    goals.heading("Told, ms")
    for events, (never, median, p99) in told.items():
        early = events in ("bpf", "perf")
        goals.at_most(f"{events}, never told", never, 0)
        goals.at_most(f"{events}, median", median, 100 if early else 200, " ms")
        goals.at_most(f"{events}, p99", p99, 400, " ms")


def one_round(bench, events):
    """(connections a second, CPU nanoseconds of one) with a daemon that hears by this source; None: without one."""
    with tempfile.TemporaryDirectory() as folder:
        daemon = bench.start(events, pathlib.Path(folder)) if events else None
        if events and not daemon:
            return None
        with bench.storm("connections", 1000, on_cpu=max(os.sched_getaffinity(0))) as storm:
            made, each = map(int, storm.stdout.read().split())
        if daemon:
            daemon.stop()
        return made, each


def cost(bench):
    print(f"\n### What ordinary connections pay\n\nConnect, accept, close on loopback in one process. {bench.rounds} rounds; in "
          "each a second with the daemon and one without, in random order. Medians, that of the differences taken in pairs.\n")
    print("| source | connections a second | without | CPU of one, us | without | difference, % |\n|---|---|---|---|---|---|")
    measured, dearer = {events: [] for events in SOURCES}, 0
    for _ in range(bench.rounds):
        for events, pairs in measured.items():
            results = {which: one_round(bench, which) for which in random.sample([events, None], 2)}
            pairs.append((results[events], results[None]))
    for events, pairs in measured.items():
        if any(with_it is None for with_it, _ in pairs):
            print(f"| {events} | does not run here | | | | |")
            continue
        rates = [statistics.median(pair[side][0] for pair in pairs) for side in (0, 1)]
        each = [statistics.median(pair[side][1] for pair in pairs) / 1000 for side in (0, 1)]
        difference = statistics.median((with_it[1] / alone[1] - 1) * 100 for with_it, alone in pairs)
        print(f"| {events} | {rates[0]:,.0f} | {rates[1]:,.0f} | {each[0]:.2f} | {each[1]:.2f} | {difference:+.1f} |",
              flush=True)
        if events == "bpf":
            dearer = difference
    goals.heading("What ordinary connections pay")
    goals.at_most("CPU of one, with BPF", dearer, 2, " %")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sockwatchd")
    parser.add_argument("storm")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", choices=("catch", "tell", "cost"))
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    shared.need_root("events_bench")
    bench = Bench(arguments.sockwatchd, arguments.storm, arguments.quick, arguments.rounds)
    for part in (catch, tell) if arguments.quick else (catch, tell, cost):
        if arguments.only in (None, part.__name__):
            part(bench)
    sys.exit(goals.exit_code(arguments.check))


if __name__ == "__main__":
    main()
