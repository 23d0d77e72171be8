#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The daemon and the tool among very many sockets: how soon it starts, whether it answers and alerts while it counts, what
it uses, and how others compare. Prints markdown tables. Needs root.

    crowd_bench.py SOCKWATCHD SOCKWATCH SOCKET_FARM [--sockets 1000000] [--rounds 5] [--seconds 60] [--only PART] [--check]

--check exits with 1 past twice a goal.
"""
import contextlib
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import shared  # noqa: E402
from shared import harness, spread  # noqa: E402

LISTENERS = 1000
MANY = 1_000_000  # some goals are for so many
WINDOWS, WINDOW = 5, 2  # seconds; a hiccup of the machine is in one of them
# Half of the time in a look, and never held back.
BUSY = {"connections": "500ms", "cpu_budget": "100%"}
EXPORTER = ["prometheus-node-exporter", "--collector.disable-defaults", "--collector.tcpstat",
            "--web.disable-exporter-metrics", "--web.listen-address=127.0.0.1:9100"]


class Crowd:
    def __init__(self, arguments):
        self.sockets, self.rounds, self.seconds = arguments.sockets, arguments.rounds, arguments.seconds
        self.sockwatch = arguments.sockwatch
        self.goals = shared.Goals()
        self.net = harness.Namespace()
        self.farm = shared.Farm(self.net, f"listeners {LISTENERS}")

    def memory(self):
        """Fills the farm, so it comes first."""
        self.goals.heading("Memory")
        alone = self.resident()
        self.farm.add(f"sockets {self.sockets}")
        among = self.resident()
        self.goals.at_most("resident, more than among no connections", among - alone, 4, " MiB",
                           f"{alone:.1f} + {among - alone:.1f}")

    def resident(self):
        with shared.daemon_in(self.net, **BUSY) as daemon:
            shared.wait_looks(daemon, 3)
            return shared.resident_mib(daemon.process.pid)

    def start(self):
        self.goals.heading("Start")
        ratios, starts = [], []
        for _ in range(self.rounds):
            drain = shared.bare_drain(self.net)
            with shared.daemon_in(self.net) as daemon:
                starts.append(daemon.notices.times("READY=1")[0] - daemon.started)
            ratios.append(starts[-1] / drain)
        what = f"start to READY=1, {spread(starts, 1000, '.0f')} ms, of one bare drain"
        if self.sockets >= MANY:
            self.goals.at_most(what, statistics.median(ratios), 3, " x", spread(ratios, form=".2f"))
        else:
            self.goals.figure(what, spread(ratios), " x")

    def list(self):
        """With no daemon: both look for themselves, and at this namespace."""
        self.goals.heading("sockwatch list and ss -tlnp")
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            config.write(harness.toml_of(shared.CONFIG))
            config.flush()
            ours = [self.sockwatch, "list", "--config", config.name]
            pairs = [(shared.cost_of(ours, self.net), shared.cost_of(["ss", "-tlnp"], self.net)) for _ in range(self.rounds)]
        for what, which in (("time", 0), ("CPU time", 1)):
            costs = [[pair[who][which] for pair in pairs] for who in (0, 1)]
            ratios = [theirs / our for our, theirs in zip(*costs)]
            self.goals.at_least(f"{what} of `ss -tlnp`, {spread(costs[1], 1000, '.0f')} ms, of `sockwatch list`, "
                                f"{spread(costs[0], 1000, '.0f')} ms", statistics.median(ratios),
                                100 if self.sockets >= MANY else 1, " x", spread(ratios))

    def turns(self):
        """How long the loop does not come back to its waiting, which is what everything else waits for."""
        self.goals.heading("The longest turn of the loop")
        if not shutil.which("strace"):
            print("| not measured: no strace | | | |")
            return
        self.longest_turn("while it counts them", self.net)
        few = harness.Namespace()
        self.longest_turn("in a namespace of few sockets, beside them", few)
        few.close()

    def longest_turn(self, what, net):
        with shared.daemon_in(net, *shared.STRACE, **BUSY) as daemon:
            shared.wait_looks(daemon, 2)
            ends = [time.time() + WINDOW * number for number in range(WINDOWS + 1)]
            time.sleep(WINDOW * WINDOWS)
            turns = shared.turns_of(daemon)
        longest = [max(took for at, took in turns if begin <= at < end) for begin, end in zip(ends, ends[1:])]
        self.goals.at_most(f"{what}, the longest of {WINDOW} s", statistics.median(longest) * 1000, 20, " ms",
                           spread(longest, 1000))

    def answers(self):
        """Scrapes, alerts and the watchdog while looks follow each other."""
        self.goals.heading("While it counts")
        with shared.daemon_in(self.net, **BUSY) as daemon:
            shared.wait_looks(daemon, 2)
            self.scrapes(daemon)
            self.hundred(daemon)
            self.alerts(daemon)
            fed = daemon.notices.times("WATCHDOG=1")[-20:]
            rests = [later - earlier for earlier, later in zip(fed, fed[1:])]
            self.goals.at_most("between two feedings of the watchdog, at most", max(rests), 15, " s")

    def scrapes(self, daemon):
        alone, series = [], 0
        for _ in range(100):
            started = time.monotonic()
            page = daemon.request("/metrics")[1]
            alone.append(time.monotonic() - started)
            series = len(re.findall("^sockwatch_listener_info", page, re.M))
            time.sleep(0.013)
        self.goals.at_most(f"a scrape of {series} listeners, at the client", statistics.median(alone) * 1000, 5, " ms",
                           spread(alone, 1000))

    def hundred(self, daemon):
        waits = []

        def scrape():
            started = time.monotonic()
            daemon.request("/metrics")
            waits.append(time.monotonic() - started)

        threads = [threading.Thread(target=scrape) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.goals.at_least("answered of 100 scrapes at once", len(waits), 100)
        print(f"| … in ms, with the client's own time | {spread(waits, 1000, '.0f')} | | |")

    def alerts(self, daemon):
        opened = {}
        for port in range(60100, 60120):
            with self.net:
                made = socket.create_server(("127.0.0.1", port))
            opened[port] = (time.monotonic(), made)
            time.sleep(0.22)
        harness.wait_until(lambda: len(daemon.alerts(event="listener-opened")) >= len(opened), "all are told")
        late = [alert["heard"] - opened[alert["port"]][0] for alert in daemon.alerts(event="listener-opened")
                if alert["port"] in opened]
        self.goals.at_most("from listen(2) to the alert's line", statistics.median(late) * 1000, 100, " ms",
                           spread(late, 1000))
        for _, made in opened.values():
            made.close()

    def budget(self):
        self.goals.heading("watch.cpu_budget of 2 %")
        with shared.daemon_in(self.net) as daemon:
            shared.wait_looks(daemon, 1)
            time.sleep(5)
            before = shared.cpu_seconds(daemon.process.pid)
            time.sleep(self.seconds)
            used = (shared.cpu_seconds(daemon.process.pid) - before) / self.seconds * 100
            interval = daemon.metrics().value("sockwatch_poll_interval_seconds", kind="connections")
            self.goals.at_most(f"used in {self.seconds} s; sockwatch_poll_interval_seconds says {interval:.0f}", used, 2.4,
                               " %")

    def exporter(self):
        """One look at the connections by the daemon, against one scrape of an exporter that counts them by state."""
        self.goals.heading("node_exporter's tcpstat")
        if not shutil.which(EXPORTER[0]):
            print("| not measured: no prometheus-node-exporter | | | |")
            return
        with shared.daemon_in(self.net, events="off", listeners="1d", **BUSY) as daemon, exporter_in(self.net) as other:
            ratios, ours = [], []
            for _ in range(self.rounds):
                before, looks = shared.cpu_seconds(daemon.process.pid), shared.looks_at("connections", daemon)
                shared.wait_looks(daemon, 2)
                made = shared.looks_at("connections", daemon) - looks
                ours.append((shared.cpu_seconds(daemon.process.pid) - before) / made)
                before = shared.cpu_seconds(other.pid)
                with self.net:
                    urllib.request.urlopen("http://127.0.0.1:9100/metrics").read()
                ratios.append((shared.cpu_seconds(other.pid) - before) / ours[-1])
            memory = shared.resident_mib(other.pid), shared.resident_mib(daemon.process.pid)
        what = f"CPU of a scrape, of that of our look ({spread(ours, 1000, '.0f')} ms)"
        its_memory, times = f"its memory, {memory[0]:.0f} MiB, of ours", memory[0] / memory[1]
        if self.sockets >= MANY:
            self.goals.at_least(what, statistics.median(ratios), 2.8, " x", spread(ratios))
            self.goals.at_least(its_memory, times, 5, " x")
        else:
            self.goals.figure(what, spread(ratios), " x")
            self.goals.figure(its_memory, f"{times:.1f}", " x")


@contextlib.contextmanager
def exporter_in(net):
    with net:
        process = subprocess.Popen(EXPORTER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        harness.wait_until(lambda: in_namespace_is_listening(net, 9100), "the exporter listens", 20)
        yield process
    finally:
        process.terminate()
        process.wait()


def in_namespace_is_listening(net, port):
    with net:
        rows = pathlib.Path("/proc/thread-self/net/tcp6").read_text() + pathlib.Path("/proc/thread-self/net/tcp").read_text()
    return f":{port:04X} " in rows


PARTS = ("memory", "start", "list", "turns", "answers", "budget", "exporter")


def main():
    parser = shared.parser(("sockwatchd", "sockwatch", "socket_farm"), PARTS)
    parser.add_argument("--sockets", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    shared.need_root("crowd_bench")
    shared.SOCKWATCHD, shared.Farm.PROGRAM = arguments.sockwatchd, arguments.socket_farm
    crowd = Crowd(arguments)
    parts = arguments.only or PARTS
    print(f"\n## Among {arguments.sockets:,} sockets and {LISTENERS:,} listeners")
    try:
        if "memory" not in parts:
            crowd.farm.add(f"sockets {arguments.sockets}")
        for part in parts:
            getattr(crowd, part)()
    finally:
        crowd.farm.close()
    sys.exit(crowd.goals.exit_code(arguments.check))


if __name__ == "__main__":
    main()
