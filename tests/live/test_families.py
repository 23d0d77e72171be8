#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Sockets of every family that this kernel has: what is listed of them, and what is told."""
import ctypes
import json
import socket
import struct

import harness

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 3, 0x0800, 0x0806, 0x86DD
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
SO_ATTACH_FILTER = 26
IPPROTO_UDPLITE, IPPROTO_MPTCP = 136, 262


class Families(harness.LiveTest):
    def open(self, family, kind, protocol=0, address=None, backlog=None):
        with self.net:
            made = socket.socket(family, kind, protocol)
        self.addCleanup(made.close)
        if address is not None:
            made.bind(address)
        if backlog is not None:
            made.listen(backlog)
        return made

    def open_packet(self, ethertype, promiscuous=False):
        made = self.open(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype), ("lo", ethertype))
        if promiscuous:
            self.turn_promiscuous(made)
        return made

    def turn_promiscuous(self, packet_socket):
        with self.net:
            request = struct.pack("=iHH8s", socket.if_nametoindex("lo"), PACKET_MR_PROMISC, 0, b"")
        packet_socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, request)

    def list(self, *arguments):
        listed = self.run_program(harness.SOCKWATCH, "list", "--json", "--namespace", "host", "--state-dir", str(self.state), *arguments)
        return json.loads(listed.stdout)

    def ss(self, *arguments):
        return [line.split() for line in self.run_program("ss", "-H", "-n", *arguments).stdout.splitlines()]

    def test_unix_listeners_are_those_of_ss(self):
        for number in range(40):
            self.open(socket.AF_UNIX, socket.SOCK_STREAM, 0, f"\0stream {number}".replace(" ", "-"), 5)
            self.open(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, f"\0seq-{number}", 5)
            self.open(socket.AF_UNIX, socket.SOCK_DGRAM, 0, f"\0dgram-{number}")
        path = str(self.folder / "path.sock")
        self.open(socket.AF_UNIX, socket.SOCK_STREAM, 0, path, 5)
        client = self.open(socket.AF_UNIX, socket.SOCK_DGRAM)
        client.connect("\0dgram-7")  # the server stays one
        types = {"u_str": "stream", "u_seq": "seqpacket", "u_dgr": "dgram"}
        theirs = {(types[kind], place) for kind, _, _, _, place, *_ in self.ss("-x", "-a") if place != "*"}
        rows = self.list("--all")["sockets"]
        ours = {(row["type"], row["path"]) for row in rows if row["protocol"] == "unix" and "path" in row}
        self.assertGreater(len(theirs), 120)
        self.assertEqual(ours, theirs)
        self.assertIn(("stream", path), ours)
        self.assertTrue(all(row["owner_state"] == "known" for row in rows), rows)
        self.assertEqual(self.list()["sockets"], [], "only on request")

    def test_packet_and_raw_sockets_are_those_of_ss(self):
        self.open(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.open_packet(ETH_P_IP)
        self.open_packet(ETH_P_ALL, promiscuous=True)
        for protocol in (socket.IPPROTO_ICMP, 89):
            self.open(socket.AF_INET, socket.SOCK_RAW, protocol)
        self.open(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        rows = self.list("--protocol", "packet,raw")["sockets"]
        packets = [row for row in rows if row["protocol"] == "packet"]
        # "p_raw 0 0 ipv4:lo *"
        places = sorted(row[3].rsplit(":", 1) for row in self.ss("-0"))
        self.assertEqual(len(packets), len(places))
        self.assertEqual(sorted(row["interface"].replace("any", "*") for row in packets),
                         sorted(interface for _, interface in places))
        self.assertEqual(sorted((row["interface"], row["ethertype"], row["promiscuous"]) for row in packets),
                         [("any", "any", True), ("lo", "0x0800", False), ("lo", "any", True)],
                         "what one asks of lo, the other that takes everything there gets")
        raws = [row for row in rows if row["protocol"] == "raw"]
        self.assertEqual(len(raws), len(self.ss("-w", "-a")))
        self.assertEqual(sorted((row["address"], row["ip_protocol"]) for row in raws),
                         [("0.0.0.0", 1), ("0.0.0.0", 89), ("::", 58)])
        self.assertEqual({row["owner_state"] for row in rows}, {"known"})

    def test_mptcp_is_counted_once_and_bound_sockets_are_listed(self):
        self.open(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP, ("127.0.0.1", 5000), 16)
        self.open(socket.AF_INET6, socket.SOCK_STREAM, IPPROTO_MPTCP, ("::1", 5000), 16)
        self.open(socket.AF_INET, socket.SOCK_STREAM, 0, ("127.0.0.1", 5001), 16)
        self.open(socket.AF_INET, socket.SOCK_STREAM, 0, ("127.0.0.1", 5002))
        self.open(socket.AF_INET, socket.SOCK_DGRAM, IPPROTO_UDPLITE, ("127.0.0.1", 5003))
        rows = self.list("--all")["sockets"]
        self.assertEqual(sorted((row["protocol"], row["port"], row["state"]) for row in rows),
                         [("mptcp", 5000, "listen"), ("mptcp", 5000, "listen"), ("tcp", 5001, "listen"),
                          ("tcp", 5002, "bound"), ("udplite", 5003, "close")])
        self.assertNotIn("bound", [row["state"] for row in self.list()["sockets"]])

    def test_a_sniffer_alerts_once_and_other_packet_sockets_do_not(self):
        daemon = self.start()
        quiet = self.open_packet(ETH_P_ARP)
        self.open(socket.AF_UNIX, socket.SOCK_STREAM, 0, "\0nobody-hears-of-this", 5)
        daemon.wait_polls(60)  # past two looks at what is seldom looked at
        self.assertEqual(daemon.alerts(event="listener-opened"), [])
        self.turn_promiscuous(quiet)
        alert = daemon.wait_alert(event="listener-opened", protocol="packet")
        self.assertEqual((alert["interface"], alert["promiscuous"], alert["ethertype"]), ("lo", True, "0x0806"))
        self.assertIn("promiscuous", alert["message"])
        daemon.wait_polls(60)
        self.assertEqual(len(daemon.alerts(event="listener-opened")), 1)
        quiet.close()
        daemon.wait_alert(event="listener-closed", protocol="packet")

    def test_who_takes_all_of_ip_is_a_sniffer_and_his_filter_is_told(self):
        daemon = self.start()
        for ethertype in (ETH_P_ALL, ETH_P_IP, ETH_P_IPV6):
            taker = self.open_packet(ethertype)
            told = "any" if ethertype == ETH_P_ALL else f"0x{ethertype:04x}"
            daemon.wait_alert(event="listener-opened", protocol="packet", ethertype=told, promiscuous=False)
        accept = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0xFFFF))  # BPF_RET | BPF_K
        program = struct.pack("HP", 1, ctypes.addressof(accept))
        taker.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        rows = self.list("--protocol", "packet")["sockets"]
        self.assertEqual({row["ethertype"]: row.get("filter_instructions") for row in rows},
                         {"any": None, "0x0800": None, "0x86dd": 1})

    def test_two_sockets_together_are_a_sniffer(self):
        daemon = self.start()
        self.write_policy('[[rule]]\nname = "no-sniffer"\naction = "ignore"\nprotocol = "packet"\npromiscuous = false\n')
        daemon.reload()
        self.open_packet(ETH_P_ALL)
        daemon.wait_polls(60)
        self.assertEqual(daemon.alerts(protocol="packet"), [])
        self.open_packet(0, promiscuous=True)
        daemon.wait_alert(event="listener-opened", protocol="packet", promiscuous=True)

    def test_the_lines_an_alert_offers_expect_the_sniffer(self):
        daemon = self.start()
        sniffer = self.open_packet(ETH_P_ALL, promiscuous=True)
        allow = daemon.wait_alert(event="listener-opened", protocol="packet")["allow"]
        self.write_policy(allow)
        daemon.reload()
        harness.wait_until(lambda: daemon.listeners(protocol="packet", verdict="expected"), "the rule is in force")
        sniffer.close()

    def test_unix_sockets_are_counted_and_a_rule_makes_one_heard(self):
        self.write_policy('[[rule]]\nname = "backdoor"\naction = "alert"\npath = "@back*"\n')
        self.open(socket.AF_UNIX, socket.SOCK_STREAM, 0, "\0known", 5)
        daemon = self.start()
        metrics = daemon.metrics()
        self.assertEqual(metrics.value("sockwatch_listeners", protocol="unix", verdict="ignored"), 1)
        self.assertEqual(metrics.rows("sockwatch_listener_info", protocol="unix"), [])
        self.assertEqual(daemon.listeners(protocol="unix"), [])
        self.open(socket.AF_UNIX, socket.SOCK_STREAM, 0, "\0backdoor", 5)
        alert = daemon.wait_alert(event="listener-opened", protocol="unix")
        self.assertEqual((alert["path"], alert["type"], alert["rule"]), ("@backdoor", "stream", "backdoor"))
        harness.wait_until(lambda: daemon.metrics().rows("sockwatch_listener_info", protocol="unix"), "its series")
        [(labels, _)] = daemon.metrics().rows("sockwatch_listener_info", protocol="unix")
        self.assertEqual((labels["address"], labels["port"]), ("@backdoor", ""))

    def test_a_family_that_the_kernel_shows_to_nobody_is_said(self):
        daemon = self.start()
        sights = {labels["protocol"]: labels["sight"]
                  for labels, _ in daemon.metrics().rows("sockwatch_socket_family_info")}
        self.assertEqual(set(sights), {"tcp", "udp", "mptcp", "udplite", "sctp", "raw", "packet", "unix", "vsock"})
        hidden = sorted(name for name, sight in sights.items() if sight == "unreadable")
        for name in hidden:
            harness.wait_until(lambda text=f"{name} sockets cannot be seen": text in daemon.stderr, "it is said")
        document = self.list("--protocol", ",".join(sights))
        self.assertEqual(sorted(part["what"] for part in document["unseen"]), [f"{name} sockets" for name in hidden])
        self.assertEqual(document["complete"], not hidden)
        self.assertEqual(self.list()["complete"], True, "nobody asked for it")


if __name__ == "__main__":
    harness.main()
