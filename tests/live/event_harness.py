# SPDX-License-Identifier: Apache-2.0
"""What the tests of the event sources stand on: sockets that a process opens which stays in their namespace, and looks so
seldom that whatever is told soon was told by an event."""
import multiprocessing
import os
import socket
import time

import harness

V6ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
DUAL = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
IPPROTO_MPTCP = 262
REUSE_ADDRESS = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


class Resident:
    """A process that stays in a namespace and does what it is told there: the perf source knows a socket's namespace by
    its process alone, and this program is at home elsewhere."""

    def __init__(self, net):
        self._line, theirs = multiprocessing.Pipe()
        with net:
            self.pid = os.fork()
            if self.pid == 0:  # never leaves the block
                self._line.close()
                self._serve(theirs)
        theirs.close()

    def _serve(self, line):
        while True:
            try:
                function, arguments = line.recv()
            except EOFError:
                os._exit(0)
            try:
                line.send((function(*arguments), None))
            except Exception as error:  # for whoever asked
                line.send((None, error))

    def do(self, function, *arguments):
        self._line.send((function, arguments))
        result, error = self._line.recv()
        if error:
            raise error
        return result

    def end(self):
        self._line.close()
        os.waitpid(self.pid, 0)


# What a resident can do.

held = []


def open_one(protocol, address, port=0, options=(), listen=True):
    """Stays open. Its port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    made = socket.socket(family, kind, IPPROTO_MPTCP if protocol == "mptcp" else 0)
    held.append(made)
    for option in options:
        made.setsockopt(*option)
    made.bind((address, port))
    if protocol != "udp" and listen:
        made.listen(16)
    return made.getsockname()[1]


def close_all():
    while held:
        held.pop().close()


def pass_by(*arguments):
    """A listener of no time at all. Its port."""
    port = open_one(*arguments)
    held.pop().close()
    return port


def autobound():
    with socket.socket() as made:
        made.listen()
        return made.getsockname()[1]


FLOOD_PORTS = "11000-30999"


def flood(count):
    """Listeners one after the other; each must succeed, whatever the daemon does."""
    first, last = map(int, FLOOD_PORTS.split("-"))
    for number in range(count):
        pass_by("tcp", "127.0.0.1", first + number % (last - first + 1))


def pass_by_as(uid, *arguments):
    """The same in a process that is gone afterwards. Its pid."""
    pid = os.fork()
    if pid == 0:
        os.setresuid(uid, uid, uid)
        pass_by(*arguments)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    return pid


def fail_to_listen():
    try:
        held[-1].listen()
    except OSError:
        return True
    return False


def two_bound(port):
    for _ in range(2):
        open_one("tcp", "127.0.0.1", port, [REUSE_ADDRESS], False)
    held[-2].listen()


def connect_often(server_port, closed_port):
    server = held[-1]
    for _ in range(50):
        client = socket.create_connection(("127.0.0.1", server_port))
        server.accept()[0].close()
        client.close()
        with socket.socket() as refused:
            assert refused.connect_ex(("127.0.0.1", closed_port)) != 0


def udp_clients():
    """One that is connected, and one whose port the kernel chose."""
    open_one("udp", "127.0.0.1", 4520)
    held[-1].connect(("127.0.0.1", 53))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unbound:
        unbound.sendto(b"x", ("127.0.0.1", 53))


class EventTest(harness.LiveTest):
    def setUp(self):
        super().setUp()
        self.resident = Resident(self.net)
        self.addCleanup(self.resident.end)

    def configure(self, events="off", listeners="20s", **policy):
        watch = harness.CONFIG["watch"] | {"events": events, "listeners": listeners}
        sections = harness.CONFIG | {"watch": watch, "policy": harness.CONFIG["policy"] | policy}
        self.config.write_text(harness.toml_of(sections))

    def start_with(self, events, **more):
        """A daemon that hears by this source, or the test is skipped."""
        self.configure(events, **more)
        daemon = self.launch()
        harness.wait_until(lambda: daemon.process.poll() is not None or daemon.is_ready(), "the daemon is ready")
        if daemon.process.poll() is not None:
            daemon.wait_exit()
            self.skipTest(f"no {events} events here: {daemon.stderr}")
        return daemon

    def short_lived(self, daemon, **labels):
        return daemon.metrics().value("sockwatch_listener_events_total", event="listener-short-lived", **labels)

    def passed(self, daemon):
        """How many listeners were told so far, also those that a look met open in their few microseconds."""
        page = daemon.metrics()
        return sum(page.value("sockwatch_listener_events_total", event=event)
                   for event in ("listener-short-lived", "listener-opened", "listener-replaced"))

    def told_as_short_lived(self, daemon, deed, *arguments, **fields):
        """The alert with these fields on the listener of no time that the deed opens, and the deed's result, which is its
        port where `fields` have none. Once in a while a look meets one open and tells it as opened: then another passes."""
        for _ in range(10):
            before = time.monotonic()
            result = self.resident.do(deed, *arguments)
            wanted = {"port": result} | fields
            told = harness.wait_until(lambda: [alert for alert in daemon.alerts(**wanted) if alert["heard"] > before and
                                               alert["event"] in ("listener-short-lived", "listener-closed")],
                                      f"the end of {wanted}")[0]
            if told["event"] == "listener-short-lived":
                return told, result
        raise AssertionError(f"looks met ten of ten open: {wanted}")

    def expect_no_other_alert(self, daemon, port=4999):
        """What happened before a listener that is told has been told, or is none."""
        self.resident.do(open_one, "tcp", "10.1.2.3", port)
        daemon.wait_alert(event="listener-opened", port=port)
        others = [alert for alert in daemon.alerts() if alert.get("port") != port]
        self.assertEqual([alert for alert in others if alert["event"] != "baseline-learned"], [])
