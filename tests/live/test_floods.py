#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""A user who binds, listens or closes as often as he can loses his own events. Whatever another user opens meanwhile is
reported, for a moment or for good, and the loss is an alert that names who sent most."""
import os
import resource
import signal
import socket
import time

import harness
from event_harness import EventTest, open_one, pass_by

ATTACKER = 12345
OTHERS = 54000  # and above: each listener is another user's, so that none is folded into a summary
FEW = 20
CROWD = 4000
LONG_ENOUGH = 0.05


def end_with_parent():
    harness.libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def bind_chosen_ports(_):
    """As a service would, each for no time at all."""
    while True:
        for port in range(10_000, 30_000):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                made.bind(("127.0.0.1", port))


def bind_and_stay(first):
    """Sockets on ports of his choice, all of them held."""
    made = []
    while True:
        for port in range(10_000 + first, 30_000, 2):
            made.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            made[-1].bind((f"127.0.{len(made) // 10_000}.1", port))
            if len(made) == 15_000:
                while made:
                    made.pop().close()


def bind_any_port(_):
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
            made.bind(("127.0.0.1", 0))


def listen_and_close(first):
    while True:
        for port in range(10_000 + first, 30_000, 2):
            pass_by("tcp", "127.0.0.1", port)


def listen_and_shut_down(first):
    with socket.socket() as made:
        made.bind(("127.0.0.1", 10_000 + first))
        while True:
            made.listen()
            made.shutdown(socket.SHUT_RD)


def listen_and_stay(_):
    """On very many endpoints at once."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    made = [socket.socket() for _ in range(CROWD)]
    for number, each in enumerate(made):
        each.bind((f"127.2.{number >> 8}.{number & 255}", 10_000 + number))
        each.listen(1)
    signal.pause()


def start_flood(deed, number):
    pid = os.fork()
    if pid == 0:
        os.setresuid(ATTACKER, ATTACKER, ATTACKER)
        end_with_parent()
        try:
            deed(number)
        finally:
            os._exit(1)
    return pid


def open_for_a_moment(port):
    pid = os.fork()
    if pid == 0:
        os.setresuid(OTHERS + port, OTHERS + port, OTHERS + port)
        open_one("tcp", "10.1.2.3", port)
        time.sleep(LONG_ENOUGH)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def open_for_good(port):
    pid = os.fork()
    if pid == 0:
        os.setresuid(OTHERS + port, OTHERS + port, OTHERS + port)
        end_with_parent()
        open_one("tcp", "10.1.2.3", port)
        signal.pause()
    return pid


def end(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


class Flooded(EventTest):
    def start_flooded(self, events, deed):
        daemon = self.start_with(events, listeners="250ms")
        for number in range(2):
            self.addCleanup(self.resident.do, end, self.resident.do(start_flood, deed, number))
        return daemon

    def open_what_stays(self, daemon):
        ports = range(4800, 4800 + FEW)
        for port in ports:
            self.addCleanup(self.resident.do, end, self.resident.do(open_for_good, port))
        for port in ports:
            daemon.wait_alert(event="listener-opened", port=port)

    def all_are_reported_by_bpf(self, deed):
        daemon = self.start_flooded("bpf", deed)
        ports = range(4700, 4700 + FEW)
        for port in ports:
            self.resident.do(open_for_a_moment, port)
        for port in ports:
            harness.wait_until(lambda: [alert for alert in daemon.alerts(port=port) if alert["event"] in
                                        ("listener-opened", "listener-short-lived")], f"{port} is reported")
        self.open_what_stays(daemon)
        return daemon

    def all_are_reported_and_the_loss_has_a_name(self, deed):
        daemon = self.all_are_reported_by_bpf(deed)
        harness.wait_until(lambda: [alert for alert in daemon.alerts(event="monitor-degraded")
                                    if f"of user {ATTACKER}" in alert["message"]], "who sends most is named")

    def test_udp_ports_of_somebodys_choice(self):
        self.all_are_reported_and_the_loss_has_a_name(bind_chosen_ports)

    def test_udp_ports_of_somebodys_choice_that_stay(self):
        self.all_are_reported_and_the_loss_has_a_name(bind_and_stay)

    def test_udp_ports_of_the_kernels_choice(self):
        self.all_are_reported_by_bpf(bind_any_port)

    def test_tcp_listeners(self):
        self.all_are_reported_and_the_loss_has_a_name(listen_and_close)

    def test_very_many_listeners_at_once(self):
        """The loop takes them in by parts; whoever else opens something waits for none of that."""
        daemon = self.start_with("bpf", listeners="250ms")
        self.addCleanup(self.resident.do, end, self.resident.do(start_flood, listen_and_stay, 0))
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_listeners_deferred") > 0, "a part is deferred")
        self.open_what_stays(daemon)
        harness.wait_until(lambda: daemon.metrics().value("sockwatch_unexpected_listeners") == CROWD + FEW,
                           "all are taken in and judged", 120)
        self.assertEqual(daemon.metrics().value("sockwatch_listeners_deferred"), 0)

    def test_one_socket_that_listens_again_and_again(self):
        self.all_are_reported_and_the_loss_has_a_name(listen_and_shut_down)

    def test_what_stays_is_reported_by_perf(self):
        self.open_what_stays(self.start_flooded("perf", listen_and_close))

    def test_what_stays_is_reported_by_ends(self):
        self.open_what_stays(self.start_flooded("destroy", bind_and_stay))

    def test_what_stays_is_reported_by_polls(self):
        self.open_what_stays(self.start_flooded("off", listen_and_close))


if __name__ == "__main__":
    harness.main()
