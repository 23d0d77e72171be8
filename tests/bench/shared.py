# SPDX-License-Identifier: Apache-2.0
"""What the benches share: farms of sockets, daemons among them, what a process has used, and the table of goals."""
import argparse
import contextlib
import os
import pathlib
import re
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "live"))
import harness  # noqa: E402

# Nothing but what a bench is about: no journal, no other namespace.
CONFIG = {"watch": {"namespaces": "host"}, "alerts": {"journal": False}}


def parser(programs, parts):
    """Of a bench that needs these programs and is made of these parts."""
    made = argparse.ArgumentParser()
    for program in programs:
        made.add_argument(program)
    made.add_argument("--only", choices=parts, action="append")
    made.add_argument("--check", action="store_true")
    return made


def need_root(who):
    if os.geteuid() != 0:
        print(f"{who}: needs root for network namespaces of its own")
        sys.exit(77)


def cpu_seconds(pid):
    """Of all its threads so far."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def cost_of(command, net):
    """(seconds, CPU seconds) of a program to its end, its output thrown away."""
    before, started = os.times(), time.monotonic()
    with net:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    return (time.monotonic() - started,
            after.children_user + after.children_system - before.children_user - before.children_system)


class Farm:
    """Sockets by socket_farm, or another program that takes orders as it does, in a namespace; gone with close()."""
    PROGRAM = "socket_farm"

    def __init__(self, net, line="", command=None):
        with net:
            self._process = subprocess.Popen(command or [self.PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if line:
            self.add(line)

    def add(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "ready\n":
            sys.exit(f"the farm could not add {line}")

    def close(self):
        self._process.stdin.close()
        self._process.wait()


class Notices:
    """What a daemon tells its service manager, and when."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.told = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            self.told += [(time.monotonic(), line) for line in self._socket.recv(4096).decode().splitlines()]

    def times(self, line):
        return [at for at, told in list(self.told) if told == line]


@contextlib.contextmanager
def daemon_in(net, *under, policy="", max_series=1024, **watch):
    """A daemon in that namespace, started by the command `under` if any, and ready; it has a folder and its notices."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "policy.d").mkdir()
        (folder / "policy.d/50-bench.toml").write_text(policy)
        (folder / "sockwatch.toml").write_text(harness.toml_of(
            CONFIG | {"watch": CONFIG["watch"] | watch, "metrics": {"max_series": max_series}}))
        notices = Notices(folder)
        words = [word.format(folder=folder) for word in under]
        harness.SOCKWATCHD = "env"
        started = time.monotonic()
        daemon = harness.Daemon(net, f"NOTIFY_SOCKET={notices.path}", *words, SOCKWATCHD, "--config",
                                str(folder / "sockwatch.toml"), "--state-dir", name)
        daemon.folder, daemon.notices, daemon.started = folder, notices, started
        try:
            harness.wait_until(lambda: notices.times("READY=1") or daemon.process.poll() is not None, "READY=1", 120)
            if daemon.process.poll() is not None:
                sys.exit(f"the daemon does not start: {daemon.stderr}")
            yield daemon
        finally:
            if daemon.process.poll() is None:
                daemon.process.terminate()
            daemon.wait_exit(60)


# A command that a daemon runs under, for turns_of(). Ahead of all that else runs here, which is not the question.
STRACE = ["chrt", "--fifo", "10", "strace", "-D", "-f", "-qq", "-ttt", "-T", "--seccomp-bpf",
          "-e", "trace=epoll_wait,epoll_pwait,epoll_pwait2", "-o", "{folder}/turns"]
CALL = re.compile(r"(\d+) +([\d.]+) (?:epoll_\w+\(.*?|<\.\.\. epoll_\w+ (resumed).*?)(<unfinished \.\.\.>|<([\d.]+)>)$")


def turns_of(daemon):
    """When the waiting of its loop began, and how long after the last had ended, in seconds; it runs under STRACE."""
    turns, returned = [], None
    for line in (daemon.folder / "turns").read_text().splitlines():
        call = CALL.match(line)
        if not call or int(call[1]) != daemon.process.pid:
            continue
        at, resumed, took = float(call[2]), call[3], call[5]
        if not resumed and returned:
            turns.append((at, at - returned))
        if took:
            returned = at if resumed else at + float(took)
    return turns


SOCKWATCHD = harness.SOCKWATCHD


def looks_at(kind, daemon):
    return daemon.metrics().value("sockwatch_polls_total", kind=kind)


def wait_looks(daemon, count, kind="connections", seconds=120):
    goal = looks_at(kind, daemon) + count
    harness.wait_until(lambda: looks_at(kind, daemon) >= goal, f"{count} more looks at {kind}", seconds)


CONNECTED = 0xFFF & ~(1 << 10)  # TCP states but LISTEN and CLOSE


def bare_drain(net):
    """Seconds in which the kernel tells all TCP connections to somebody who does not look at them."""
    with net:
        channel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)  # NETLINK_SOCK_DIAG
    with channel:
        started = time.monotonic()
        body = bytes(52) + struct.pack("=II", CONNECTED, 0)  # struct inet_diag_req
        channel.send(struct.pack("=IHHII", 16 + len(body), 18, 0x301, 1, 0) + body)  # TCPDIAG_GETSOCK
        while struct.unpack_from("=IHHI", (data := channel.recv(32768)), len(data) - 20)[:3] != (20, 3, 2):
            pass
        return time.monotonic() - started


def spread(values, scale=1, form=".1f"):
    """The median, and the least and the most."""
    low, middle, high = (format(value * scale, form) for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


class Goals:
    """A markdown table of what was promised and what was measured. `failed` is what is past twice its goal: counts and
    ratios, since how long something takes is the machine's doing, too."""
    CAN_FAIL = ("", " x")

    def __init__(self):
        self.failed = []

    @staticmethod
    def figure(what, shown, unit):
        """Without a goal."""
        print(f"| {what} | {shown}{unit} | | |", flush=True)

    def at_most(self, what, value, goal, unit="", shown=None):
        self._row(what, shown or f"{value:.3g}", unit, f"<= {goal:g}{unit}", value <= goal, value <= 2 * goal)

    def at_least(self, what, value, goal, unit="", shown=None):
        self._row(what, shown or f"{value:.3g}", unit, f">= {goal:g}{unit}", value >= goal, value >= goal / 2)

    def _row(self, what, shown, unit, goal, met, tolerable):
        print(f"| {what} | {shown}{unit} | {goal} | {'met' if met else 'missed'} |", flush=True)
        if not tolerable and unit in self.CAN_FAIL:
            self.failed.append(what)

    @staticmethod
    def heading(text):
        print(f"\n### {text}\n\n| what | measured | goal | |\n|---|---|---|---|", flush=True)

    def exit_code(self, check):
        for what in self.failed:
            print(f"past twice its goal: {what}")
        return 1 if check and self.failed else 0
