#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Bad weather: what the daemon counts, and what that costs it, among crowds of one kind. What is counted is compared with
what the kernel or the farm itself knows. Prints markdown tables. Needs root.

    weather_bench.py SOCKWATCHD SOCKET_FARM EVENT_STORM [--part 1] [--only PART] [--check]

--part N makes each crowd N times smaller. --check exits with 1 where a count is wrong, or past twice a goal.
"""
import contextlib
import pathlib
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import shared  # noqa: E402
from shared import harness  # noqa: E402

OFTEN = {"connections": "500ms", "cpu_budget": "100%", "events": "off", "max_listeners": 1_000_000}
HOUR = {"listeners": 3600, "connections": 360}  # looks of an hour


class Weather:
    def __init__(self, arguments):
        self.part = arguments.part
        self.storm = arguments.event_storm
        self.goals = shared.Goals()

    @contextlib.contextmanager
    def farm(self, line):
        net = harness.Namespace()
        farm = shared.Farm(net, line)
        try:
            yield net, farm
        finally:
            farm.close()
            net.close()

    def counted(self, what, count, low, high=None):
        """Wrong is missed by any distance: nothing is tolerable here."""
        right = low <= count <= (high or low)
        self.goals.at_most(f"{what}, of {low:,.0f}" + (f" to {high:,.0f}" if high else ""), 0 if right else 1, 0,
                           shown=f"{count:,.0f}")

    def cost(self, daemon, kind="connections", looks=3):
        """CPU and memory of a look, as a row of no goal."""
        shared.wait_looks(daemon, 1, kind, 600)
        before, begun = shared.cpu_seconds(daemon.process.pid), shared.looks_at(kind, daemon)
        shared.wait_looks(daemon, looks, kind, 600)
        each = (shared.cpu_seconds(daemon.process.pid) - before) / (shared.looks_at(kind, daemon) - begun)
        print(f"| … a look at {kind}, CPU; resident | {each * 1000:.1f} ms; "
              f"{shared.resident_mib(daemon.process.pid):.1f} MiB | | |", flush=True)

    def time_wait(self):
        """They die of themselves after a minute, so the kernel is asked before and after. Some are our own, of scrapes."""
        self.goals.heading("TIME_WAIT")
        with self.farm("listeners 100") as (net, farm), shared.daemon_in(net, **OFTEN) as daemon:
            began = time.monotonic()
            farm.add(f"time-wait {1_000_000 // self.part}")
            took = time.monotonic() - began
            before = waiting_in(net)
            shared.wait_looks(daemon, 2)
            count = daemon.metrics().value("sockwatch_connections", protocol="tcp", state="time-wait")
            self.counted(f"connections in TIME_WAIT, made in {took:.0f} s", count, waiting_in(net) - 50, before + 50)
            self.cost(daemon)

    def listeners(self):
        self.goals.heading("Listeners")
        with self.farm(f"listeners {65_000 // self.part}") as (net, _), shared.daemon_in(net, **OFTEN) as daemon:
            print(f"| … start to READY=1 | {daemon.notices.times('READY=1')[0] - daemon.started:.2f} s | | |")
            page = daemon.metrics()
            self.counted("TCP listeners", page.value("sockwatch_listeners", protocol="tcp"), lines_of_ss(net, "-tlnH"))
            series = len(page.rows("sockwatch_listener_info"))
            self.goals.at_most("… series of them, the rest is folded", series, 1025)
            self.cost(daemon, "listeners")

    def udp(self):
        self.goals.heading("UDP")
        with self.farm(f"udp {10_000 // self.part}") as (net, _), shared.daemon_in(net, **OFTEN) as daemon:
            self.counted("UDP listeners", daemon.metrics().value("sockwatch_listeners", protocol="udp"),
                         lines_of_ss(net, "-ulnH"))
            self.cost(daemon, "listeners")

    def namespaces(self):
        self.goals.heading("Network namespaces of 10 listeners and 90 connected sockets")
        count = 1000 // self.part
        net = harness.Namespace()
        farm = shared.Farm(net, f"namespaces {count} listeners 10 sockets 90")
        with shared.daemon_in(net, max_series=1_000_000, **OFTEN | {"namespaces": "all"}) as daemon:
            harness.wait_until(lambda: daemon.metrics().value("sockwatch_namespaces", state="watched") >= count,
                               "all namespaces are watched", 120)
            shared.wait_looks(daemon, 30, "listeners")
            shared.wait_looks(daemon, 2, seconds=600)
            page = daemon.metrics()
            ports = [str(port) for port in range(2000, 2010)]
            self.counted("TCP listeners", sum(len(page.rows("sockwatch_listener_info", protocol="tcp", port=port))
                                              for port in ports), count * 10)
            self.counted("connections of theirs", sum(page.value("sockwatch_listener_connections", port=port)
                                                      for port in ports), count * 45)
            self.cost(daemon, looks=1)
        farm.close()
        net.close()

    def churn(self):
        """Of sockets that come and go during a dump the kernel itself skips some and tells some twice."""
        self.goals.heading("Connections that come and go")
        steady = 100_000 // self.part
        with self.farm(f"listeners 100 sockets {steady}") as (net, _), shared.daemon_in(net, **OFTEN) as daemon:
            shared.wait_looks(daemon, 2)
            with net:
                storm = subprocess.Popen([self.storm, "connections", "10000"], stdout=subprocess.PIPE, text=True)
            ours, theirs = [], []
            while storm.poll() is None:
                theirs.append(lines_of_ss(net, "-tnH", "state", "established"))
                shared.wait_looks(daemon, 1)
                ours.append(daemon.metrics().value("sockwatch_connections", protocol="tcp", state="established"))
            rate = int(storm.stdout.read().split()[0]) / 10
            print(f"| … made and closed a second | {rate:,.0f} | | |")
            for who, counts in (("counted", ours), ("`ss` counted", theirs)):
                print(f"| … {who}, of {steady:,} that stay | {min(counts):,.0f} to {max(counts):,.0f} | | |")
            far = max(abs(count - steady) for count in ours) / steady * 100
            self.goals.at_most("farthest from those that stay", far, 0.1, " %")

    def hour(self):
        """As many looks as in an hour, while listeners open and close."""
        self.goals.heading("An hour's looks")
        settings = OFTEN | {"listeners": "10ms", "connections": "100ms"}
        with self.farm("listeners 100 sockets 2000") as (net, _), \
                shared.daemon_in(net, policy=EXPECT_ALL, **settings) as daemon:
            self.pass_by(net, daemon, {kind: looks // 10 // self.part for kind, looks in HOUR.items()})
            before = shared.resident_mib(daemon.process.pid)
            self.pass_by(net, daemon, {kind: looks // self.part for kind, looks in HOUR.items()})
            grown = shared.resident_mib(daemon.process.pid) - before
            page = daemon.metrics()
            made = [page.value("sockwatch_polls_total", kind=kind) for kind in HOUR]
            self.goals.at_most(f"memory grown, after {made[0]:.0f} looks at listeners and {made[1]:.0f} at connections",
                               max(grown, 0), 0.5, " MiB")

    @staticmethod
    def pass_by(net, daemon, looks):
        goals = {kind: shared.looks_at(kind, daemon) + count for kind, count in looks.items()}
        for number in range(1_000_000):
            with net, socket.create_server(("127.0.0.1", 60000 + number % 50)):
                time.sleep(0.05)
            if all(shared.looks_at(kind, daemon) >= goal for kind, goal in goals.items()):
                return


# What opens and closes in an hour is not to fill a history of alerts.
EXPECT_ALL = """\
[[rule]]
name = "all"
action = "expect"
"""


def lines_of_ss(net, *options):
    with net:
        return len(subprocess.run(["ss", *options], stdout=subprocess.PIPE, check=True).stdout.splitlines())


def waiting_in(net):
    """What `ss -s` tells, too."""
    with net:
        return int(re.search(r"TCP:.* tw (\d+)", pathlib.Path("/proc/thread-self/net/sockstat").read_text())[1])


PARTS = ("time_wait", "listeners", "udp", "namespaces", "churn", "hour")


def main():
    parser = shared.parser(("sockwatchd", "socket_farm", "event_storm"), PARTS)
    parser.add_argument("--part", type=int, default=1)
    arguments = parser.parse_args()
    shared.need_root("weather_bench")
    shared.SOCKWATCHD, shared.Farm.PROGRAM = arguments.sockwatchd, arguments.socket_farm
    weather = Weather(arguments)
    print("\n## Bad weather")
    for part in arguments.only or PARTS:
        getattr(weather, part)()
    sys.exit(weather.goals.exit_code(arguments.check))


if __name__ == "__main__":
    main()
