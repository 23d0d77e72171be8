#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What one user with very many sockets costs the daemon, and whether it sees everybody else meanwhile. Prints markdown
tables. Needs root.

    scale_bench.py SOCKWATCHD EVENT_STORM [--most 220000] [--only PART] [--check]

--check exits with 1 past twice a goal.
"""
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import shared  # noqa: E402
from shared import harness  # noqa: E402

OPENER = pathlib.Path(__file__).with_name("opener.py")
GOAL_MIB = 256


class Watch:
    """The greatest age of a poll, and the most memory, while it lasts."""

    def __init__(self, daemon):
        self._daemon, self._over = daemon, False
        self.age = self.mib = 0.0

    def __enter__(self):
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over = True
        self._thread.join()

    def _sample(self):
        while not self._over:
            self.age = max(self.age, self._daemon.metrics().value("sockwatch_snapshot_age_seconds", kind="listeners"))
            self.mib = max(self.mib, shared.resident_mib(self._daemon.process.pid))
            time.sleep(0.1)


class Scale:
    def __init__(self, arguments):
        self.most, self.goals, self.event_storm = arguments.most, shared.Goals(), arguments.event_storm
        self.net = harness.Namespace()
        self.opener = shared.Farm(self.net, command=[sys.executable, str(OPENER), "4002"])

    def step(self, daemon, what, line, seconds):
        """A wish of the opener, and what the next polls make of it."""
        self.opener.add(line)
        with Watch(daemon) as watch:
            late = self.another_user(daemon)
            time.sleep(seconds if self.most > 10_000 else 2)
        self.goals.at_most(f"{what}: oldest poll", watch.age, 1, " s")
        self.goals.at_most(f"{what}: another user's listener is told after", late, 1, " s")
        self.goals.at_most(f"{what}: resident", watch.mib, GOAL_MIB, " MiB")

    def another_user(self, daemon):
        self.port = getattr(self, "port", 20000) + 1
        with self.net:
            held = socket.create_server(("0.0.0.0", self.port))
        began = time.monotonic()
        harness.wait_until(lambda: daemon.alerts(event="listener-opened", port=self.port), "it is told", 120)
        held.close()
        return time.monotonic() - began

    def unix(self):
        for count in sorted({min(self.most, count) for count in (1000, 10_000, 19_000, self.most // 2)}):
            self.goals.heading(f"UNIX sockets: {count:,}, then {count:,} in front of them, then none")
            with shared.daemon_in(self.net, families=["tcp", "udp", "unix"]) as daemon:
                self.step(daemon, "opened", f"unix {count} m", 12)
                self.step(daemon, "in front of them", f"unix {count} a", 12)
                self.step(daemon, "closed", "close", 45)

    def start(self):
        self.goals.heading(f"A start among {self.most:,} UNIX sockets")
        self.opener.add(f"unix {self.most} m")
        with shared.daemon_in(self.net, families=["tcp", "udp", "unix"]) as daemon:
            self.goals.figure("until READY=1", f"{daemon.notices.times('READY=1')[0] - daemon.started:.1f}", " s")
            self.step(daemon, "afterwards", "unix 1 z", 25)
            self.pages(daemon)
        self.opener.add("close")

    def tcp(self):
        count = min(self.most, 38_000)
        self.goals.heading(f"{count:,} TCP listeners")
        with shared.daemon_in(self.net) as daemon:
            self.step(daemon, "opened", f"tcp {count}", 15)
            self.pages(daemon)
            self.step(daemon, "closed", "close", 45)

    def namespaces(self):
        """65,000 each would be the kernel's: some 4 KiB of memory a listener, its descriptor and its file."""
        count, each = 100, min(self.most, 1000)
        self.goals.heading(f"{count} network namespaces of {each:,} TCP listeners")
        with shared.daemon_in(self.net, namespaces="all") as daemon:
            self.step(daemon, "opened", f"namespaces {count} {each}", 30)
            self.step(daemon, "closed", "close", 45)

    def pages(self, daemon):
        for path in ("/", "/metrics", "/api/v1/listeners"):
            began = time.monotonic()
            size = len(daemon.request(path)[1])
            self.goals.figure(f"{path}: {size / 1e6:.2f} MB", f"{time.monotonic() - began:.2f}", " s")
        self.goals.at_most("resident, when they were asked for", shared.resident_mib(daemon.process.pid), GOAL_MIB, " MiB")

    def turns(self):
        """The loop, when all that it has a budget for comes at once."""
        listeners, processes, events = (min(self.most, most) for most in (10_000, 5_000, 32_768))
        self.goals.heading(f"{listeners:,} TCP listeners, {processes:,} processes, {events:,} events at once")
        if not shutil.which("strace"):
            print("| not measured: no strace | | | |")
            return
        idle = [subprocess.Popen(["sleep", "infinity"], stdin=subprocess.DEVNULL) for _ in range(processes)]
        try:
            with shared.daemon_in(self.net, *shared.STRACE) as daemon:
                self.opener.add(f"tcp {listeners}")
                time.sleep(5)
                daemon.process.send_signal(signal.SIGSTOP)
                with self.net:
                    for _ in range(2):
                        subprocess.run([self.event_storm, "tcp", str(events // 2), "0"], check=True)
                daemon.process.send_signal(signal.SIGCONT)
                began = time.time()
                self.another_user(daemon)
                time.sleep(5)
                turns = shared.turns_of(daemon)
        finally:
            for process in idle:
                process.kill()
                process.wait()
        # Where it stood still is no turn of its own.
        longest = max(took for at, took in turns if at - took > began)
        self.goals.at_most("the longest turn afterwards", longest * 1000, 20, " ms")
        self.opener.add("close")


PARTS = ("unix", "start", "tcp", "namespaces", "turns")


def main():
    parser = shared.parser(("sockwatchd", "event_storm"), PARTS)
    parser.add_argument("--most", type=int, default=220_000)
    arguments = parser.parse_args()
    shared.need_root("scale_bench")
    shared.SOCKWATCHD = arguments.sockwatchd
    scale = Scale(arguments)
    print("\n## One user with very many sockets")
    try:
        for part in arguments.only or PARTS:
            getattr(scale, part)()
    finally:
        scale.opener.close()
    sys.exit(scale.goals.exit_code(arguments.check))


if __name__ == "__main__":
    main()
