# SPDX-License-Identifier: Apache-2.0
"""What the live tests stand on: a network namespace with addresses of every scope, programs that run in it, and the
built sockwatchd seen from outside only, by its standard error, its pages and its exit code.

A namespace has no name and no mount: it is gone with the last process and descriptor in it, also after a crash.
"""
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest.mock

SOCKWATCHD = os.environ.get("SOCKWATCHD", "sockwatchd")
SOCKWATCH = os.environ.get("SOCKWATCH", "sockwatch")
# How many times slower than usual the programs may be: sanitizers.
PATIENCE = float(os.environ.get("SOCKWATCH_TEST_PATIENCE", "1"))

CLONE_NEWNET = 0x40000000
METRICS_PORT = 10762
SMALL_BUFFER = (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

libc = ctypes.CDLL(None, use_errno=True)


def enter_namespace(fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """`with net:` puts the calling thread into the namespace: sockets and programs started there stay in it."""

    # On lo, which takes any: not every kernel has dummy interfaces. The two public ones belong to nobody any more.
    ADDRESSES = ("10.1.2.3/24", "100.64.3.4/10", "169.254.7.7/16", "192.88.99.5/24", "fec0::1/64", "fd00::1/64",
                 "fe80::1/64")

    def __init__(self):
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self._fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            for address in self.ADDRESSES:
                # Without the wait for a duplicate, during which nobody can bind to it.
                at_once = ["nodad"] if ":" in address else []
                subprocess.run(["ip", "address", "add", address, "dev", "lo", *at_once], check=True)
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        finally:
            enter_namespace(self._home)

    def __enter__(self):
        enter_namespace(self._fd)

    def __exit__(self, *_):
        enter_namespace(self._home)

    def close(self):
        os.close(self._fd)
        os.close(self._home)


def wait_until(condition, what, seconds=15):
    """The condition's first true value; polls, because what we wait for is in another process."""
    deadline = time.monotonic() + seconds * PATIENCE
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds * PATIENCE:g} s: {what}")
        time.sleep(0.01)
    return value


SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One page of metrics."""

    def __init__(self, text):
        self.text = text
        self.samples = []
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, labels, value = SAMPLE.fullmatch(line).groups()
                self.samples.append((name, dict(LABEL.findall(labels or "")), float(value)))

    def rows(self, name, **labels):
        """(labels, value) of every sample of this name with at least these labels."""
        return [(found, value) for sample, found, value in self.samples
                if sample == name and labels.items() <= found.items()]

    def value(self, name, **labels):
        """Their sum; 0 where there is none."""
        return sum(value for _, value in self.rows(name, **labels))


class Daemon:
    """A running sockwatchd. Its standard error is kept: alerts are the lines of JSON in it, the rest is the log."""

    def __init__(self, net, *arguments, sockets=()):
        """With `sockets` it is given those, as by the service manager (sd_listen_fds(3))."""
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("JOURNAL_STREAM", "NOTIFY_SOCKET", "LISTEN_FDS", "WATCHDOG_USEC")}
        self.net = net
        self.lines = []
        command = [SOCKWATCHD, *arguments]
        if sockets:
            moves = " ".join(f"{number}<&{made.fileno()}" for number, made in enumerate(sockets, 3))
            command = ["bash", "-c", f'exec {moves}; LISTEN_FDS={len(sockets)} LISTEN_PID=$$ exec "$@"', "bash", *command]
        with net:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.PIPE, env=environment,
                                            pass_fds=[made.fileno() for made in sockets])
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append((time.monotonic(), line.decode("utf-8", "replace").rstrip("\n")))

    @property
    def stderr(self):
        return "\n".join(line for _, line in self.lines)

    @property
    def log(self):
        return [line for _, line in self.lines if not line.startswith("{")]

    def alerts(self, **fields):
        """Every alert so far that has these fields, as dicts; `heard` is when its line came, by the monotonic clock."""
        told = [json.loads(line) | {"heard": at} for at, line in list(self.lines) if line.startswith("{")]
        return [alert for alert in told if fields.items() <= alert.items()]

    def wait_alert(self, **fields):
        return wait_until(lambda: self.alerts(**fields), f"an alert with {fields}")[0]

    def request(self, path, method="GET"):
        """(status, body). Raises OSError while nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", METRICS_PORT, timeout=5 * PATIENCE)
        with contextlib.closing(connection):
            with self.net:
                connection.connect()
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def metrics(self):
        status, body = self.request("/metrics")
        assert status == 200, (status, body)
        return Metrics(body)

    def listeners(self, **fields):
        """Those of /api/v1/listeners that have these fields."""
        sockets = json.loads(self.request("/api/v1/listeners")[1])["sockets"]
        return [socket for socket in sockets if fields.items() <= socket.items()]

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"sockwatchd exited with {self.process.returncode}")
        with contextlib.suppress(OSError):
            return self.request("/-/ready")[0] == 200
        return False

    def wait_ready(self):
        wait_until(self.is_ready, "the daemon answers /-/ready", seconds=10)
        return self

    def wait_polls(self, count=2):
        """Until that many more looks at listeners have begun and ended: what is open now has been seen by then."""
        def polls():
            return self.metrics().value("sockwatch_polls_total", kind="listeners", result="complete")

        goal = polls() + count
        wait_until(lambda: polls() >= goal, f"{count} more polls")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def wait_exit(self, seconds=20):
        code = self.process.wait(seconds * PATIENCE)
        self._reader.join()
        self.process.stderr.close()
        return code

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait_exit()


CONFIG = {
    "watch": {"listeners": "50ms", "connections": "200ms", "cpu_budget": "100%", "events": "off",
              "namespaces": "host"},
    "policy": {"restart_grace": "500ms", "owner_grace": "500ms", "first_run": "learn"},
    "alerts": {"journal": False},
}


def toml_of(sections):
    return "".join(f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
                   for section, keys in sections.items())


class LiveTest(unittest.TestCase):
    """Each test has a namespace, a folder with a configuration, and daemons that are gone afterwards. When it fails,
    everything its daemons said is printed."""

    def run(self, result=None):
        self.daemons = []
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            for daemon in self.daemons:
                print(f"--- standard error of sockwatchd {daemon.process.pid} in {self.id()}:\n{daemon.stderr}\n---",
                      file=sys.stderr)

    def setUp(self):
        self.net = Namespace()
        self.addCleanup(self.net.close)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sockwatch-live-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = self.folder / "sockwatch.toml"
        self.state = self.folder / "state"
        self.state.mkdir()
        self.configure()

    def configure(self, **policy):
        self.config.write_text(toml_of(CONFIG | {"policy": CONFIG["policy"] | policy}))

    def write_settings(self, text, name="50-test.toml"):
        """Beside those of configure(), which they replace where they are set in both."""
        folder = self.folder / "conf.d"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    def write_policy(self, text, name="50-test.toml"):
        folder = self.folder / "policy.d"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    def arguments(self, *more):
        return ["--config", str(self.config), "--state-dir", str(self.state), *more]

    def launch(self, *more, sockets=()):
        """Starts a daemon without waiting for anything."""
        daemon = Daemon(self.net, *self.arguments(*more), sockets=sockets)
        self.daemons.append(daemon)
        self.addCleanup(self.put_away, daemon)
        return daemon

    def launch_under(self, *command):
        """A daemon that this command, words of a shell, becomes in the end."""
        script = self.folder / "sockwatchd"
        script.write_text(f'#!/bin/sh\nexec {" ".join(command)} "$@"\n')
        script.chmod(0o755)
        with unittest.mock.patch(f"{__name__}.SOCKWATCHD", str(script)):
            return self.launch()

    def launch_without(self, *capabilities):
        dropped = ",".join(f"-{capability}" for capability in capabilities)
        return self.launch_under("setpriv", "--bounding-set", dropped, SOCKWATCHD)

    def start(self, *more):
        return self.launch(*more).wait_ready()

    def put_away(self, daemon):
        """Whatever else a test was about: the daemon must still stop in order. Sanitizers speak by the exit code."""
        if daemon.process.poll() is None:
            try:
                self.assertEqual(daemon.stop(), 0, "exit code after SIGTERM")
            except subprocess.TimeoutExpired:
                daemon.process.kill()
                daemon.wait_exit()
                raise AssertionError("did not stop on SIGTERM") from None

    def run_program(self, program, *arguments):
        """One of the built programs, to its end, in the namespace."""
        with self.net:
            return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=20 * PATIENCE, check=False)

    def open_socket(self, protocol, address, port=0, *, options=(), listen=True, net=None):
        """A socket of this very process, bound and for TCP listening; closed after the test if not before. In the
        test's namespace, or in `net`."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        with net or self.net:
            made = socket.socket(family, kind)
            self.addCleanup(made.close)
            for level, name, value in options:
                made.setsockopt(level, name, value)
            made.bind(socket.getaddrinfo(address, port, family, kind)[0][4])
        if protocol == "tcp" and listen:
            made.listen(16)
        return made

    def send_datagrams(self, port, count=40, *, net=None):
        """To a UDP socket of 127.0.0.1; so many do not fit into one whose SO_RCVBUF is SMALL_BUFFER."""
        with net or self.net:
            sender = socket.socket(type=socket.SOCK_DGRAM)
        with sender:
            for _ in range(count):
                sender.sendto(b"x" * 400, ("127.0.0.1", port))

    def open_by_other_program(self, port, *options):
        """netcat listens on 0.0.0.0:port; returns its process once it does."""
        with self.net:
            process = subprocess.Popen(["nc", "-4", "-l", *options, "-p", str(port)], stdin=subprocess.DEVNULL)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            wait_until(lambda: is_listening(port), f"nc listens on port {port}")
        return process


def is_listening(port):
    """In the namespace of the caller, by the kernel's own table, so that nobody's accept queue is touched."""
    tables = pathlib.Path("/proc/thread-self/net")
    rows = (tables / "tcp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "0A" for row in rows)


def main():
    if os.geteuid() != 0:
        print("needs root, to make network namespaces")
        sys.exit(77)
    unittest.main(verbosity=2)
