#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What tells a UDP service from a client: not the number of its port, but how it lives. By each source of events."""
import random
import socket
import sys

import harness
from event_harness import EventTest, close_all, held, open_one, pass_by

IP_LOCAL_PORT_RANGE = 51  # Linux 6.3
REUSE_PORT = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def for_every_port_of(address, port):
    open_one("udp", "0.0.0.0", port)
    held[-1].connect((address, 0))


def renew(port):
    """Another socket on the same port, before the last one is closed."""
    open_one("udp", "0.0.0.0", port, [REUSE_PORT])
    if len(held) > 1:
        held.pop(0).close()


def choose_by_range(port):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    held.append(made)
    try:
        made.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, (port << 16 | port).to_bytes(4, sys.byteorder))
    except OSError:
        return None
    made.bind(("0.0.0.0", 0))
    return made.getsockname()[1]


def ask_often(questions):
    """As a resolver: each question from a random port of its own, which is connected to whoever shall answer."""
    for _ in range(questions):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as query:
            try:
                query.bind(("0.0.0.0", random.randrange(1024, 65536)))
            except OSError:
                continue
            query.connect(("127.0.0.1", 53))
            query.send(b"?")


def serve_clients(port, clients):
    """As a QUIC server: a connected socket for each client on the port that stays open."""
    for client in range(clients):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connected:
            connected.setsockopt(*REUSE_PORT)
            connected.bind(("0.0.0.0", port))
            connected.connect(("127.0.0.1", 20000 + client))


class Udp:
    """By one source of events."""
    source = None

    def test_a_socket_that_hears_every_port_of_an_address_is_a_listener(self):
        daemon = self.start_with(self.source, listeners="250ms")
        self.resident.do(for_every_port_of, "127.0.0.1", 4902)
        daemon.wait_alert(event="listener-opened", protocol="udp", port=4902)
        known = harness.wait_until(lambda: daemon.listeners(port=4902), "4902 is on the page")
        self.assertEqual(known[0]["peer_address"], "127.0.0.1")

    def test_a_port_that_gets_a_new_socket_all_the_time_is_told(self):
        daemon = self.start_with(self.source, listeners="250ms")

        def told():
            self.resident.do(renew, 45000)
            return daemon.alerts(event="listener-opened", protocol="udp", port=45000)

        harness.wait_until(told, "45000 is told", 15)


class Polls(Udp, EventTest):
    source = "off"


class Destroy(Udp, EventTest):
    source = "destroy"


class Bpf(Udp, EventTest):
    source = "bpf"

    def test_a_range_of_one_port_is_a_choice(self):
        daemon = self.start_with("bpf", listeners="250ms")
        if self.resident.do(choose_by_range, 44444) is None:
            self.skipTest("this kernel has no IP_LOCAL_PORT_RANGE")
        # Out of the handed-out range it may be a query's for 5 s.
        alert = harness.wait_until(lambda: daemon.alerts(event="listener-opened", protocol="udp", port=44444),
                                   "the chosen port is told", 15)[0]
        self.assertEqual(alert["bind"], "explicit")

    def test_a_resolver_and_the_connections_of_a_server_are_nobody(self):
        daemon = self.start_with("bpf", listeners="250ms")
        self.resident.do(open_one, "udp", "0.0.0.0", 4433, [REUSE_PORT])
        daemon.wait_alert(event="listener-opened", protocol="udp", port=4433)
        self.resident.do(ask_often, 200)
        self.resident.do(serve_clients, 4433, 50)
        self.told_as_short_lived(daemon, pass_by, "udp", "127.0.0.1", 4434)
        self.assertEqual([alert for alert in daemon.alerts(protocol="udp") if alert["port"] not in (4433, 4434)], [])
        self.assertEqual(daemon.alerts(event="listener-short-lived", port=4433), [])


if __name__ == "__main__":
    harness.main()
