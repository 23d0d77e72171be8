#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""What is open is shown as it is: scope, dual stack, groups, who chose the port."""
import os
import socket

import harness

V6ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
DUAL = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
REUSE_PORT = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


class Listeners(harness.LiveTest):
    def the_listener(self, daemon, **fields):
        found = daemon.listeners(**fields)
        self.assertEqual(len(found), 1, f"{fields} in {daemon.listeners()}")
        return found[0]

    def test_every_scope_is_told(self):
        scopes = {
            "127.0.0.1": "loopback", "127.9.9.9": "loopback", "::1": "loopback",
            "fe80::1%1": "loopback",  # an address of one link, and the link is lo
            "169.254.7.7": "link-local",
            "10.1.2.3": "private", "100.64.3.4": "private", "fd00::1": "private",
            "192.88.99.5": "public", "fec0::1": "public",
            "0.0.0.0": "any", "::": "any",
        }
        for number, address in enumerate(scopes):
            for protocol in ("tcp", "udp"):
                self.open_socket(protocol, address, 7000 + number)
        self.open_socket("udp", "239.1.2.3", 7100)
        daemon = self.start()
        for number, (address, scope) in enumerate(scopes.items()):
            for protocol in ("tcp", "udp"):
                with self.subTest(address=address, protocol=protocol):
                    listener = self.the_listener(daemon, protocol=protocol, port=7000 + number)
                    self.assertEqual((listener["address"], listener["scope"]), (address, scope))
        self.assertEqual(self.the_listener(daemon, port=7100)["scope"], "multicast")

    def test_dual_stack_satisfies_a_rule_for_ipv4_and_v6only_does_not(self):
        self.configure(first_run="strict")
        self.write_policy('[[rule]]\nname = "v4"\naction = "expect"\naddress = "0.0.0.0/0"\nport = [7200, 7201]\n')
        self.open_socket("tcp", "::", 7200, options=[DUAL])
        self.open_socket("tcp", "::", 7201, options=[V6ONLY])
        daemon = self.start()
        self.assertEqual(self.the_listener(daemon, port=7200)["verdict"], "expected")
        self.assertEqual(self.the_listener(daemon, port=7201)["verdict"], "unexpected")

    def test_v6only_beside_ipv4_on_one_port_are_two_listeners(self):
        self.open_socket("tcp", "::", 7210, options=[V6ONLY])
        self.open_socket("tcp", "0.0.0.0", 7210)
        found = self.start().listeners(port=7210)
        self.assertEqual(sorted(listener["address"] for listener in found), ["0.0.0.0", "::"])

    def test_v4_mapped_is_an_ipv4_listener(self):
        self.open_socket("tcp", "::ffff:10.1.2.3", 7220, options=[DUAL])
        listener = self.the_listener(self.start(), port=7220)
        self.assertEqual((listener["address"], listener["scope"]), ("10.1.2.3", "private"))

    def test_a_reuseport_group_is_one_listener_with_members(self):
        for _ in range(3):
            self.open_socket("tcp", "0.0.0.0", 7230, options=[REUSE_PORT])
            self.open_socket("udp", "0.0.0.0", 7231, options=[REUSE_PORT])
        daemon = self.start()
        self.assertEqual(self.the_listener(daemon, port=7230)["members"], 3)
        self.assertEqual(self.the_listener(daemon, port=7231)["members"], 3)

    def test_assigned_and_explicit_ports_are_told_apart(self):
        sockets = {(protocol, bind): self.open_socket(protocol, "127.0.0.1", port)
                   for protocol in ("tcp", "udp") for bind, port in (("explicit", 7240), ("assigned", 0))}
        daemon = self.start()
        for (protocol, bind), opened in sockets.items():
            with self.subTest(protocol=protocol, bind=bind):
                listener = self.the_listener(daemon, protocol=protocol, port=opened.getsockname()[1])
                self.assertEqual(listener["bind"], bind)

    def test_the_owner_is_this_program(self):
        self.open_socket("tcp", "127.0.0.1", 7250)
        listener = self.the_listener(self.start(), port=7250)
        self.assertEqual((listener["owner_state"], listener["pid"], listener["exe"], listener["user"]),
                         ("known", os.getpid(), os.readlink("/proc/self/exe"), "root"))

    def test_connections_are_counted_by_direction(self):
        server = self.open_socket("tcp", "127.0.0.1", 7260)
        daemon = self.start()
        with self.net:
            client = socket.create_connection(server.getsockname())
        self.addCleanup(client.close)
        accepted, _ = server.accept()
        self.addCleanup(accepted.close)

        def held():
            return daemon.metrics().value("sockwatch_listener_connections", port="7260", state="established")

        harness.wait_until(lambda: held() == 1, "the listener holds one connection")

    def test_a_full_accept_queue_shows(self):
        server = self.open_socket("tcp", "127.0.0.1", 7270)
        with self.net:
            clients = [socket.create_connection(server.getsockname()) for _ in range(3)]
        for client in clients:
            self.addCleanup(client.close)
        page = self.start().metrics()
        self.assertEqual(page.value("sockwatch_listener_accept_queue_length", port="7270"), 3)
        self.assertEqual(page.value("sockwatch_listener_accept_queue_limit", port="7270"), 16)


if __name__ == "__main__":
    harness.main()
