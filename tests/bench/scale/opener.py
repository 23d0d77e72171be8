#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Opens very many sockets as a user without any privilege and keeps them.

    opener.py UID

Each line of standard input is a wish; "ready" on standard output answers it. The sockets end with standard input.

    unix COUNT LETTER   abstract datagram sockets whose names begin with the letter
    tcp COUNT           listeners on 127.0.0.0/8 with ports that the kernel hands out
    namespaces COUNT LISTENERS   so many network namespaces of his own, each with so many listeners
    port COUNT PORT     listeners on COUNT addresses of 127.0.0.0/8, all on one port
    close               all of them
"""
import ctypes
import hashlib
import os
import resource
import signal
import socket
import sys

PER_PROCESS = 15_000
CLONE_NEWUSER, CLONE_NEWNET = 0x1000_0000, 0x4000_0000


def unix(letter, number):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    # The kernel hashes names by their checksum: numbers alone would share few chains.
    made.bind(f"\0{letter}{hashlib.sha256(str(number).encode()).hexdigest()[:20]}")
    return made


def anywhere(number):
    made = socket.socket()
    made.bind(("0.0.0.0", 10_000 + number))
    made.listen(1)
    return made


def tcp(number, port=0):
    made = socket.socket()
    made.bind((f"127.{number >> 15 & 255}.{number >> 8 & 127}.{(number & 255) or 1}" if not port else
               f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", port))
    made.listen(1)
    return made


MAKE = {"namespaces": anywhere, "unix": lambda number, letter: unix(letter, number), "tcp": lambda number: tcp(number % 100 + 1),
        "port": lambda number, port: tcp(number + 65_537, int(port))}


class Keeper:
    """A process that holds a part of them."""

    def __init__(self, kind, numbers, *more):
        ready, told = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it ends with us
            try:
                if kind == "namespaces" and ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
                    raise OSError("it may make no namespaces")
                _held = [MAKE[kind](number, *more) for number in numbers]
                os.write(told, b"y")
            except OSError as error:
                os.write(told, str(error).encode())
            while True:
                signal.pause()
        os.close(told)
        if (answer := os.read(ready, 200)) != b"y":
            sys.exit(f"opener: {kind}: {answer.decode()}")
        os.close(ready)

    def close(self):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def main():
    os.setgroups([])
    os.setgid(int(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, 20_000))
    os.setuid(int(sys.argv[1]))
    keepers = []
    for line in sys.stdin:
        kind, *words = line.split()
        if kind == "close":
            for keeper in keepers:
                keeper.close()
            keepers = []
        elif kind == "namespaces":
            keepers += [Keeper(kind, range(int(words[1]))) for _ in range(int(words[0]))]
        else:
            count = int(words[0])
            keepers += [Keeper(kind, range(first, min(first + PER_PROCESS, count)), *words[1:])
                        for first in range(0, count, PER_PROCESS)]
        print("ready", flush=True)


if __name__ == "__main__":
    main()
