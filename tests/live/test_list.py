#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The tool, beside the one everybody knows: socket by socket the same as ss(8)."""
import json
import re
import socket
from collections import Counter

import harness

SS_STATES = {"UNCONN": "close", "ESTAB": "established"}
SS_ENDPOINT = re.compile(r"(.*):(\d+|\*)")


def endpoint_of_ss(text):
    """(address, port) as sockwatch writes them. ss writes `*` for a dual-stack ::, and interfaces by name."""
    address, port = SS_ENDPOINT.fullmatch(text).groups()
    address, _, interface = address.partition("%")
    address = "::" if address == "*" else address.strip("[]").removeprefix("::ffff:")
    return (address + ("%1" if interface == "lo" else ""), 0 if port == "*" else int(port))


def sockets_of_ss(text):
    for line in text.splitlines():
        protocol, state, _, _, local, peer, *_ = line.split()
        state = SS_STATES.get(state, state.lower())
        is_listener = state in ("listen", "close")
        yield protocol, state, endpoint_of_ss(local), None if is_listener else endpoint_of_ss(peer)


def sockets_of_ours(document):
    for row in json.loads(document)["sockets"]:
        peer = (row["peer_address"], row["peer_port"]) if "peer_address" in row else None
        yield from [(row["protocol"], row["state"], (row["address"], row["port"]), peer)] * row.get("members", 1)


class List(harness.LiveTest):
    def open_hundreds(self):
        addresses = ["0.0.0.0", "127.0.0.1", "10.1.2.3", "192.88.99.5", "::", "::1", "fd00::1", "fe80::1%1",
                     "::ffff:10.1.2.3"]
        for number in range(20):
            for place, address in enumerate(addresses):
                self.open_socket("tcp", address, 20000 + number * 20 + place)
                self.open_socket("udp", address, 20000 + number * 20 + place)
            self.open_socket("udp", "127.0.0.1")
        for _ in range(3):
            self.open_socket("tcp", "0.0.0.0", 30000, options=[(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)])
        for address in ("127.0.0.1", "::1", "10.1.2.3"):
            self.open_connections(address)

    def open_connections(self, address):
        server = self.open_socket("tcp", address, 31000)
        for _ in range(16):
            with self.net:
                client = socket.create_connection(server.getsockname()[:2])
            accepted, _ = server.accept()
            self.addCleanup(client.close)
            self.addCleanup(accepted.close)
            talker = self.open_socket("udp", address)
            talker.connect(server.getsockname()[:2])

    def list(self, *options):
        return self.run_program(harness.SOCKWATCH, "list", "--config", str(self.config), *options)

    def test_the_list_agrees_with_ss_socket_by_socket(self):
        self.open_hundreds()
        theirs = Counter(sockets_of_ss(self.run_program("ss", "-tuanH").stdout))
        listed = self.list("--all", "--json")
        ours = Counter(sockets_of_ours(listed.stdout))
        self.assertGreater(theirs.total(), 450)
        self.assertEqual((theirs - ours, ours - theirs), (Counter(), Counter()), "only ss has, only sockwatch has")

    def test_without_all_it_lists_what_waits_for_strangers(self):
        self.open_connections("127.0.0.1")
        listed = self.list("--json")
        rows = json.loads(listed.stdout)["sockets"]
        self.assertEqual([(row["protocol"], row["port"]) for row in rows], [("tcp", 31000)])

    def test_connected_lists_connections_with_their_direction(self):
        self.open_connections("127.0.0.1")
        listed = self.list("--connected", "--json")
        rows = json.loads(listed.stdout)["sockets"]
        directions = Counter(row["direction"] for row in rows if row["protocol"] == "tcp")
        self.assertEqual(directions, {"inbound": 16, "outbound": 16})

    def test_the_table_for_people_names_program_and_port(self):
        self.open_by_other_program(4444)
        listed = self.list()
        self.assertRegex(listed.stdout, r"(?m)^.*4444.*\bnc\b.*$")
        self.assertNotIn("\x1b", listed.stdout, "no colour where there is no terminal")

    def test_a_daemon_that_serves_elsewhere_than_the_files_say_is_still_expected(self):
        self.config.write_text(self.config.read_text() + '[metrics]\naddress = "127.0.0.1:19090"\n')
        self.start("--web.listen-address", "127.0.0.1:10762").wait_polls()
        listed = self.run_program(harness.SOCKWATCH, "list", "--json", *self.arguments())
        rows = {row["port"]: (row["verdict"], row["rule"]) for row in json.loads(listed.stdout)["sockets"]}
        self.assertEqual(rows, {10762: ("expected", "sockwatch-metrics")})

    def test_lookup_needs_nobody(self):
        found = self.run_program(harness.SOCKWATCH, "lookup", "22/tcp", "--json")
        [port] = json.loads(found.stdout)["ports"]
        self.assertEqual((found.returncode, port["port"], port["protocol"], port["service"], port["category"]),
                         (0, 22, "tcp", "ssh", "well-known"))

    def test_wrong_usage_exits_with_2(self):
        for arguments in (["list", "--nonsense"], ["lookup", "70000"], ["nonsense"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_program(harness.SOCKWATCH, *arguments).returncode, 2)


if __name__ == "__main__":
    harness.main()
