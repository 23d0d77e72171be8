#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What a daemon with its defaults costs on a machine where nothing happens: 100 listeners, 900 connected sockets and 500
processes in a network namespace of their own. Prints a markdown table. With --check it exits with 1 past twice a goal.

    idle_bench.py SOCKWATCHD [--seconds 30] [--check]
"""
import argparse
import ctypes
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import shared  # noqa: E402

GOALS = {"CPU, % of one core": 0.3, "wake-ups a second": 5, "resident, MiB": 20, "opens under /proc/PID/fd": 0}


def enter_own_namespace():
    shared.need_root("idle_bench")
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:  # CLONE_NEWNET
        sys.exit("unshare failed")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def open_sockets():
    listeners = [socket.create_server(("127.0.0.1", 2000 + i), backlog=64) for i in range(100)]
    held = []
    for i in range(450):
        client = socket.create_connection(("127.0.0.1", 2000 + i % 100))
        held += [client, listeners[i % 100].accept()[0]]
    return listeners + held


def usage(pid):
    """(CPU seconds, voluntary switches) of all its threads so far."""
    cpu = switches = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            cpu += int(file.read().split()[0]) / 1e9
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8", errors="replace") as file:
            switches += next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))
    return cpu, switches


def opens_of_descriptors(pid, seconds):
    """How often it opens somebody's /proc/PID/fd; None without strace."""
    if not shutil.which("strace"):
        return None
    trace = subprocess.run(["timeout", str(seconds), "strace", "-f", "-e", "trace=openat,open", "-p", str(pid)],
                           stderr=subprocess.PIPE, check=False)
    return sum(b"/fd" in line or b'"fd"' in line for line in trace.stderr.splitlines())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sockwatchd")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    enter_own_namespace()
    held = open_sockets()
    others = [subprocess.Popen(["sleep", "3600"]) for _ in range(500)]
    with tempfile.TemporaryDirectory() as state:
        daemon = subprocess.Popen([arguments.sockwatchd, "--state-dir", state], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            time.sleep(5)  # the start is not the question here
            before = usage(daemon.pid)
            time.sleep(arguments.seconds)
            after = usage(daemon.pid)
            measured = {
                "CPU, % of one core": (after[0] - before[0]) / arguments.seconds * 100,
                "wake-ups a second": (after[1] - before[1]) / arguments.seconds,
                "resident, MiB": shared.resident_mib(daemon.pid),
                "opens under /proc/PID/fd": opens_of_descriptors(daemon.pid, 10),
            }
        finally:
            daemon.terminate()
            daemon.wait()
            for other in others:
                other.terminate()
    print(f"\n{len(held)} sockets, 500 processes, {arguments.seconds} s with the defaults\n")
    goals = shared.Goals()
    goals.heading("Idle")
    for what, value in measured.items():
        if value is None:
            print(f"| {what} | not measured | | |")
        else:
            goals.at_most(what, value, GOALS[what], shown=f"{value:.2f}")
    sys.exit(goals.exit_code(arguments.check))


if __name__ == "__main__":
    main()
