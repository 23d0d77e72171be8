#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What it costs to look everywhere and to find out whose a listener is: CPU of the daemon per network namespace, and per new
listener on a machine of many processes, by each way of finding holders. Prints markdown tables.

    owners_bench.py SOCKWATCHD [--namespaces 0,100,1000] [--processes 500,5000] [--listeners 50]
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import shared  # noqa: E402
from shared import harness  # noqa: E402

# One process a namespace, which listens there.
LISTENS_ALONE = ["unshare", "--net", "nc", "-4", "-l", "-p", "7000"]
DESCRIPTORS = 50
CONFIG = """\
[watch]
namespaces = "{namespaces}"
owners = "{owners}"
events = "off"
listeners = "100ms"
connections = "1d"
cpu_budget = "100%"
[alerts]
journal = false
"""


def start_many(count, command, descriptors=0):
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(descriptors)]
    processes = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, pass_fds=held) for _ in range(count)]
    for descriptor in held:
        os.close(descriptor)
    return processes


def end(processes):
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()


class Bench:
    def __init__(self, sockwatchd):
        harness.SOCKWATCHD = sockwatchd
        self.net = harness.Namespace()

    def start(self, folder, **settings):
        (folder / "sockwatch.toml").write_text(CONFIG.format(**settings))
        daemon = harness.Daemon(self.net, "--config", str(folder / "sockwatch.toml"), "--state-dir", str(folder))
        harness.wait_until(lambda: daemon.process.poll() is not None or daemon.is_ready(), "the daemon is ready", 60)
        return daemon if daemon.process.poll() is None else None

    def per_look(self, daemon, seconds=10):
        """CPU of one look at the listeners, in microseconds."""
        def looks():
            return daemon.metrics().value("sockwatch_polls_total", kind="listeners", result="complete")

        time.sleep(3)
        looks_before, cpu_before = looks(), shared.cpu_seconds(daemon.process.pid)
        time.sleep(seconds)
        cpu, count = shared.cpu_seconds(daemon.process.pid) - cpu_before, looks() - looks_before
        return cpu / max(count, 1) * 1e6

    def namespaces(self, counts):
        print("| other network namespaces | CPU of a look | each |\n|---|---|---|")
        base = None
        for count in counts:
            crowd = start_many(count, LISTENS_ALONE)
            with tempfile.TemporaryDirectory() as folder:
                daemon = self.start(pathlib.Path(folder), namespaces="all", owners="proc")
                if count:
                    harness.wait_until(
                        lambda: daemon.metrics().value("sockwatch_namespaces", state="watched") > count,
                        f"{count} namespaces are watched", 120)
                cost = self.per_look(daemon)
                daemon.stop()
            base = cost if base is None else base
            each = f"{(cost - base) / count:.0f} us" if count else "-"
            print(f"| {count} | {cost / 1000:.2f} ms | {each} |", flush=True)
            end(crowd)

    def owners(self, process_counts, listeners):
        print("| processes of 50 descriptors | owners by | CPU for a new listener |\n|---|---|---|")
        for count in process_counts:
            crowd = start_many(count, ["sleep", "3600"], DESCRIPTORS)
            time.sleep(5)
            for owners in ("bpf", "proc"):
                with tempfile.TemporaryDirectory() as folder:
                    daemon = self.start(pathlib.Path(folder), namespaces="host", owners=owners)
                    if daemon is None:
                        print(f"| {count} | {owners} | does not run here |")
                        continue
                    print(f"| {count} | {owners} | {self.per_listener(daemon, listeners) * 1000:.2f} ms |", flush=True)
                    daemon.stop()
            end(crowd)

    def per_listener(self, daemon, listeners):
        """CPU until it is known whose it is, less what the daemon uses in the same time without one. In seconds."""
        def until_known(port):
            with self.net:
                process = subprocess.Popen(["nc", "-4", "-l", "-p", str(port)], stdin=subprocess.DEVNULL)
            harness.wait_until(lambda: daemon.alerts(port=port, pid=process.pid), "its owner is told", 20)
            return process

        time.sleep(2)
        before = shared.cpu_seconds(daemon.process.pid)
        started = time.monotonic()
        opened = [until_known(20000 + i) for i in range(listeners)]
        busy, elapsed = shared.cpu_seconds(daemon.process.pid) - before, time.monotonic() - started
        before = shared.cpu_seconds(daemon.process.pid)
        time.sleep(elapsed)
        idle = shared.cpu_seconds(daemon.process.pid) - before
        end(opened)
        return (busy - idle) / listeners


def numbers(text):
    return [int(part) for part in text.split(",") if part]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sockwatchd")
    parser.add_argument("--namespaces", type=numbers, default=[0, 100, 1000])
    parser.add_argument("--processes", type=numbers, default=[500, 5000])
    parser.add_argument("--listeners", type=int, default=50)
    arguments = parser.parse_args()
    shared.need_root("owners_bench")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    bench = Bench(arguments.sockwatchd)
    bench.namespaces(arguments.namespaces)
    print()
    bench.owners(arguments.processes, arguments.listeners)


if __name__ == "__main__":
    main()
