#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""record.py SOCKWATCHD: writes coming-and-going.swcap beside this file.

Runs `sockwatchd --record` for two seconds in a network namespace of its own, in which listeners open, close, are
replaced and are missed meanwhile. Needs root. The namespace is gone with this process.
"""
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CLONE_NEWNET = 0x40000000
# Looks alone, and few of them: the file is kept for good.
CONFIG = '[watch]\nlisteners = "100ms"\nconnections = "500ms"\nevents = "off"\n[policy]\nfirst_run = "strict"\n'


def enter_new_namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def bound(kind, address, options=()):
    made = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, kind)
    for option in options:
        made.setsockopt(socket.SOL_SOCKET, option, 1)
    made.bind(address)
    return made


def listen(address, options=(socket.SO_REUSEADDR,)):
    made = bound(socket.SOCK_STREAM, address, options)
    made.listen(16)
    return made


def story():
    """A step, then what is open after it has been looked at twice at least."""
    web = listen(("0.0.0.0", 8001))
    bound(socket.SOCK_DGRAM, ("127.0.0.1", 9001)).detach()  # open to the end
    yield "begin"
    stranger = listen(("0.0.0.0", 4444))
    yield "a stranger opens"
    web.close()
    web = listen(("0.0.0.0", 8001))
    yield "a restart: another socket in the same place"
    client = socket.create_connection(("127.0.0.1", 8001))
    stranger.close()
    yield "the stranger closes, somebody connects"
    listen(("::", 0)).detach()
    bound(socket.SOCK_DGRAM, ("0.0.0.0", 0)).detach()
    yield "ports that the kernel chooses"
    stranger = listen(("0.0.0.0", 4444))
    yield "the stranger is back after the grace"
    listen(("127.0.0.1", 8443), (socket.SO_REUSEPORT,)).detach()
    listen(("127.0.0.1", 8443), (socket.SO_REUSEPORT,)).detach()
    yield "what was missing comes, with two sockets"
    client.close()
    stranger.close()
    yield "the end"


def main(sockwatchd):
    enter_new_namespace()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "sockwatch.toml")
        config.write_text(CONFIG)
        steps = story()
        next(steps)
        daemon = subprocess.Popen([sockwatchd, "--config", config, "--state-dir", folder, "--record",
                                   HERE / "coming-and-going.swcap"], stdin=subprocess.DEVNULL)
        time.sleep(0.5)
        for _ in steps:
            time.sleep(0.3)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
    os.chmod(HERE / "coming-and-going.swcap", 0o644)
    return daemon.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
